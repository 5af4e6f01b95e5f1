import { formatNetworkLink, type Network } from '../protocol/network.ts';
import { roomKeyOf } from '../protocol/room-key.ts';
import { roomOf } from '../protocol/room.ts';
import { TabchainError, toWireError } from '../util/errors.ts';
import { ConsoleLog } from '../util/log.ts';
import { Semaphore } from '../util/semaphore.ts';
import type { ChainChoice, Neighbourhood, NodeEvent, RegisterProgress, SecretTeamInfo, ServerInfo } from '../api/api.ts';
import { connectRemote, sendNote } from '../api/rpc.ts';
import type { LinkMode, NodeNote, NodeService, OpenRequest, PageNote, SavedMark } from '../api/service.ts';
import { browserTimers } from './browser-timers.ts';
import { assertChainChoice, StoredChainChoice } from './chain-choice.ts';
import { LinkBridge } from './link-bridge.ts';
import { ReplyHandover } from './reply-handover.ts';
import { watchDeviceState } from './device-state.ts';
import { pageSources, watchWakes } from './wakes.ts';
import { ServerSettings } from './server-settings.ts';
import type { SecretTeam } from './secret-team.ts';
import { scriptBlocked, workerFailure } from './worker-failure.ts';
import type { CodeDesk } from '../webrtc/code-desk.ts';
import type { PageLinks, RtcTransportOptions } from '../webrtc/rtc-transport.ts';

/** Both ends of meeting by hand. `replies` takes a reply to an invitation of any tab of this browser. */
export interface HandMeeting {
  readonly byHand: PageLinks['byHand'];
  readonly replies: ReplyHandover;
}

export interface NodeThreadListener {
  event(event: NodeEvent): void;
  registerStep(...step: Parameters<RegisterProgress>): void;
  saved(address: string, mark: SavedMark): void;
}

/** The node worker and the links that this page carries for it. */
export class NodeThread {
  readonly service: NodeService;
  readonly #worker: Worker;
  readonly #listener: NodeThreadListener;
  readonly #log = new ConsoleLog();
  #bridge: LinkBridge | null = null;
  #links: PageLinks | null = null;
  /** Makes links in the room of the network, or in a room with a key. Null until their code has arrived. */
  #makeLinks: ((sealed: RtcTransportOptions['sealed'], onTeam?: RtcTransportOptions['onTeam']) => PageLinks) | null = null;
  /** While this tab belongs to a team, its links take the place of the network's. */
  #team: SecretTeam | null = null;
  #teams = 0;
  /** Changes the links one at a time. */
  readonly #linkChanges = new Semaphore(1);
  /** Meeting by hand, once the code of the links has arrived; null where it could not be loaded. */
  #meeting: Promise<HandMeeting | null> = Promise.resolve(null);
  #codes: Promise<CodeDesk> | null = null;
  #request: Omit<OpenRequest, 'binding' | 'chainChoice'> | null = null;
  #choice: StoredChainChoice | null = null;
  #servers: ServerSettings | null = null;
  #offline = false;
  /** Where the tabs of the network meet. */
  #room = '';

  constructor(listener: NodeThreadListener) {
    this.#listener = listener;
    this.#worker = new Worker(new URL('../node/node.worker.ts', import.meta.url), { type: 'module' });
    const remote = connectRemote<NodeService>(this.#worker, (note) => this.#receive(note as NodeNote));
    this.service = remote.api;
    this.#worker.addEventListener('error', (event) => {
      event.preventDefault();
      const stopped = (message: string): TabchainError =>
        new TabchainError('node-stopped', `The node has stopped: ${message}. Reload the page; nothing saved is lost.`);
      const error = workerFailure(event, 'node', stopped);
      remote.fail(error);
      listener.event({ type: 'problem', code: error.code, message: error.message });
    });
    this.#showLog(loggedAreas());
    watchDeviceState((deviceState) => this.#post({ kind: 'device-state', deviceState }));
    watchWakes(pageSources(), (stale) => {
      this.#inUse?.bridge.check(stale);
      this.#post({ kind: 'links-doubted', stale });
    });
  }

  #showLog(areas: string): void {
    this.#log.show(areas);
    this.#post({ kind: 'log', areas });
  }

  #post(note: PageNote, transfer: Transferable[] = []): void {
    sendNote(this.#worker, note, transfer);
  }

  #receive(note: NodeNote): void {
    if (note.kind === 'event') this.#listener.event(note.event);
    else if (note.kind === 'saved') this.#listener.saved(note.address, note.mark);
    else if (note.kind === 'register-step') this.#listener.registerStep(note.step, note.fraction);
    else if (note.kind === 'check-links') this.#inUse?.bridge.check(note.stale);
    else for (const bridge of [this.#bridge, this.#team?.bridge]) bridge?.handle(note);
  }

  /**
   * Opens the node, then goes looking for peers. Call once.
   * @param hosted the STUN and TURN servers of the page's host
   * @throws TabchainError `signal-invalid`, `ice-server-invalid`, `room-key-invalid` if the page's link has an invalid server or room key
   */
  async open(network: Network, binding: OpenRequest['binding'], hosted: Promise<readonly string[]>): Promise<void> {
    const key = roomKeyOf(location.hash);
    const servers = (this.#servers = new ServerSettings(network.id, location.hash, document.baseURI));
    this.#choice = new StoredChainChoice(network.id);
    this.#request = { fragment: formatNetworkLink(network), secure: isSecureContext };
    await this.replace(binding);
    // Links come after opening: their code is a quarter of the page's code, and they start with a key that takes 50 ms. On two cores,
    // earlier links would slow the opening of the node.
    this.#room = roomOf(network);
    this.#meeting = this.#link(this.#room, key, servers, hosted);
  }

  async #link(
    room: string,
    key: Uint8Array | null,
    servers: ServerSettings,
    hosted: Promise<readonly string[]>,
  ): Promise<HandMeeting | null> {
    try {
      const code = Promise.all([import('../webrtc/rtc-transport.ts'), key && import('../webrtc/sealed-room.ts')]);
      const [{ createRtcTransport }, cipher] = await code.catch(() => {
        throw scriptBlocked('links');
      });
      this.#takeHostServers(servers, await hosted);
      this.#makeLinks = (sealed, onTeam) =>
        createRtcTransport({
          room,
          sealed,
          servers: servers.signaling().map(({ address }) => address),
          iceServers: servers.ice().map(({ server }) => server),
          log: this.#log.log,
          onSignaling: (state) => this.#post({ kind: 'signaling', state }),
          onMet: (met) => this.#listener.event({ type: 'met', ...met }),
          ...(onTeam && { onTeam }),
        });
      this.#links = this.#makeLinks(key && cipher && cipher.sealedRoom(room, key));
      this.#bridge = new LinkBridge(this.#links, (note, transfer) => this.#post(note, transfer));
      if (!this.#offline) this.#bridge.start();
      const { byHand } = this.#links;
      return { byHand, replies: new ReplyHandover(room, (reply) => byHand.acceptReply(reply), browserTimers) };
    } catch (error) {
      this.#report(error);
      return null;
    }
  }

  #report(error: unknown): void {
    const { code, message } = toWireError(error);
    this.#listener.event({ type: 'problem', code, message });
  }

  #takeHostServers(servers: ServerSettings, texts: readonly string[]): void {
    try {
      servers.setHostIceServers(texts);
    } catch (error) {
      // The links work without them.
      this.#report(error);
    }
  }

  /** Switches to another account's database; links stay. */
  async replace(binding: OpenRequest['binding']): Promise<void> {
    if (!this.#request || !this.#choice) throw new TabchainError('internal', 'The node is not open yet.');
    await this.service.open({ ...this.#request, binding, chainChoice: this.#choice.get() });
  }

  /** Takes the person's choice of how much of the chain to keep. @throws TabchainError `argument-invalid` */
  async chooseChain(choice: ChainChoice): Promise<void> {
    assertChainChoice(choice);
    this.#choice?.set(choice);
    await this.service.chooseChain(choice);
  }

  /** Meeting other tabs by hand. @throws TabchainError `script-blocked` if the code of the links could not be loaded */
  async meeting(): Promise<HandMeeting> {
    const meeting = await this.#meeting;
    if (!meeting) throw scriptBlocked('links');
    return meeting;
  }

  /**
   * The codes of networks, by which people find a network without its link. Their code is loaded when somebody uses one.
   * @throws TabchainError `script-blocked`
   */
  async codes(): Promise<CodeDesk> {
    await this.meeting();
    this.#codes ??= import('../webrtc/code-desk.ts').then(
      ({ CodeDesk }) => new CodeDesk({ open: (room) => this.#links?.openRoom(room) ?? [], timers: browserTimers }),
      () => {
        this.#codes = null;
        throw scriptBlocked('links');
      },
    );
    return this.#codes;
  }

  /** What the links know. Empty until the links' code has arrived. */
  neighbourhood(): Neighbourhood {
    return this.#inUse?.links.neighbourhood() ?? { self: '', links: [], known: 0, servers: [] };
  }

  /** The servers in use, with their states. */
  servers(): ServerInfo[] {
    const states = new Map(this.neighbourhood().servers.map(({ url, state }) => [url, state]));
    const state = (url: string): ServerInfo['state'] => states.get(url) ?? (this.#offline ? 'off' : 'connecting');
    return [
      ...(this.#servers?.signaling() ?? []).map((server) => ({ kind: 'signaling' as const, ...server, state: state(server.address) })),
      ...(this.#servers?.ice() ?? []).map(({ address, source }) => ({ kind: 'ice' as const, address, source, state: null })),
    ];
  }

  /** Changes the servers in use. @throws TabchainError the change's errors; then nothing changes */
  changeServers(change: (settings: ServerSettings) => void): ServerInfo[] {
    if (!this.#servers) throw new TabchainError('internal', 'The node is not open yet.');
    change(this.#servers);
    for (const links of [this.#links, this.#team?.links]) {
      links?.useServers(this.#servers.signaling().map(({ address }) => address));
      links?.useIceServers(this.#servers.ice().map(({ server }) => server));
    }
    return this.servers();
  }

  get #inUse(): { readonly links: PageLinks; readonly bridge: LinkBridge } | null {
    return this.#team ?? (this.#links && this.#bridge && { links: this.#links, bridge: this.#bridge });
  }

  /** With true, closes all links and opens no more; with false, opens those of the network again. Both end this tab's part in a team. */
  setOffline(offline: boolean): Promise<void> {
    return this.#linkChanges.run(() => this.#switch(offline ? 'closed' : 'open', null));
  }

  /** The team to which this tab belongs. */
  team(): SecretTeamInfo | null {
    return this.#team?.info() ?? null;
  }

  /**
   * Leaves the network for a team, whose tabs link with each other alone.
   * @throws TabchainError `team-name-invalid`, `script-blocked`
   */
  joinTeam(text: string): Promise<SecretTeamInfo> {
    return this.#linkChanges.run(async () => {
      await this.meeting();
      const code = Promise.all([import('./secret-team.ts'), import('../webrtc/sealed-room.ts')]);
      const [{ SecretTeam, parseTeamName, teamKey }, { sealedRoom }] = await code.catch(() => {
        throw scriptBlocked('links');
      });
      const name = parseTeamName(text);
      if (this.#team?.name === name) return this.#team.info();
      const room = sealedRoom(this.#room, teamKey(name, roomKeyOf(location.hash)));
      const prefix = `team ${++this.#teams} `;
      const team = new SecretTeam(name, await this.service.status(), {
        open: (onTeam) => this.#makeLinks!(room, onTeam),
        bridge: (links) => new LinkBridge(links, (note, transfer) => this.#post(note, transfer), prefix),
        status: () => this.service.status(),
        ended: () => this.#team === team && void this.setOffline(false),
      });
      await this.#switch('team', team);
      return team.info();
    });
  }

  async #switch(mode: LinkMode, team: SecretTeam | null): Promise<void> {
    const former = this.#team;
    this.#offline = mode !== 'open';
    await former?.end(mode === 'open');
    this.#team = team;
    // Before the links change: what the node sends on a link that closes reaches nobody.
    await this.service.setLinks(mode);
    if (mode === 'open') return this.#bridge?.start();
    this.#bridge?.stop();
    team?.start();
  }
}

/** Areas of the log that a developer wants to see: set `localStorage.tabchainLog = 'net,chain'` in the console and reload. */
function loggedAreas(): string {
  try {
    return localStorage.getItem('tabchainLog') ?? '';
  } catch {
    return '';
  }
}
