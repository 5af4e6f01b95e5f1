import { formatNetworkLink, type Network } from '../protocol/network.ts';
import { roomOf } from '../protocol/room.ts';
import { TabchainError, toWireError } from '../util/errors.ts';
import { ConsoleLog } from '../util/log.ts';
import type { ChainChoice, Neighbourhood, NodeEvent, RegisterProgress } from '../api/api.ts';
import { connectRemote, sendNote } from '../api/rpc.ts';
import type { NodeNote, NodeService, OpenRequest, PageNote, SavedMark } from '../api/service.ts';
import { assertChainChoice, StoredChainChoice } from './chain-choice.ts';
import { LinkBridge } from './link-bridge.ts';
import { watchDeviceState } from './device-state.ts';
import { scriptBlocked, workerFailure } from './worker-failure.ts';
import type { PageLinks } from '../webrtc/rtc-transport.ts';
import { signalingServers } from '../webrtc/signaling-servers.ts';

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
  #request: Omit<OpenRequest, 'binding' | 'chainChoice'> | null = null;
  #choice: StoredChainChoice | null = null;
  #offline = false;

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
    else this.#bridge?.handle(note);
  }

  /**
   * Opens the node, then goes looking for peers. Call once.
   * @throws TabchainError `signal-invalid` if the page's link names a signaling server by an invalid address
   */
  async open(network: Network, binding: OpenRequest['binding']): Promise<void> {
    const servers = signalingServers(location.hash, document.baseURI);
    this.#choice = new StoredChainChoice(network.id);
    this.#request = { fragment: formatNetworkLink(network), secure: isSecureContext };
    await this.replace(binding);
    // Links come after opening: their code is a quarter of the page's code, and they start with a key that takes 50 ms. On two cores,
    // earlier links would slow the opening of the node.
    void this.#link(roomOf(network), servers);
  }

  async #link(room: string, servers: readonly string[]): Promise<void> {
    try {
      const { createRtcTransport } = await import('../webrtc/rtc-transport.ts').catch(() => {
        throw scriptBlocked('links');
      });
      const { log } = this.#log;
      this.#links = createRtcTransport({ room, servers, log, onSignaling: (state) => this.#post({ kind: 'signaling', state }) });
      this.#bridge = new LinkBridge(this.#links, (note, transfer) => this.#post(note, transfer));
      if (!this.#offline) this.#bridge.start();
    } catch (error) {
      const { code, message } = toWireError(error);
      this.#listener.event({ type: 'problem', code, message });
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

  /** What the links know. Empty until the links' code has arrived. */
  neighbourhood(): Neighbourhood {
    return this.#links?.neighbourhood() ?? { self: '', links: [], known: 0, servers: [] };
  }

  /** With true, closes all links and opens no more; with false, opens links again. */
  async setOffline(offline: boolean): Promise<void> {
    this.#offline = offline;
    await this.service.setOffline(offline);
    if (offline) this.#bridge?.stop();
    else this.#bridge?.start();
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
