import { createContext } from 'svelte';
import type { NodeEvent, OwnAccount, ServerInfo, Status, TabchainApi } from '../../api/api.ts';
import type { ErrorCode } from '../../util/error-codes.ts';
import { StoredRecord } from '../../util/stored-record.ts';
import type { Formats } from '../kit/format.ts';
import type { Language } from '../i18n/languages.ts';
import { errorText } from '../i18n/error-text.ts';
import type { LanguagePack } from '../i18n/language-pack.ts';
import type { Messages } from '../i18n/en/messages.ts';
import { installAs } from '../shell/manifest.ts';
import { chainPart, fragmentFor, isKeyed, withKey, withMeetingOf, without } from '../address.ts';
import { Traffic } from '../features/network/traffic.ts';
import { PaymentHandover } from '../features/transfer/handover.svelte.ts';
import { Meeting } from '../features/network/meeting.svelte.ts';
import { Preferences } from './preferences.svelte.ts';
import { Wording } from './wording.svelte.ts';
import type { LabRun } from '../features/lab/lab-run.svelte.ts';
import { ServedPage } from './served-page.svelte.ts';
import { Idle } from '../shell/idle.ts';
import { Bell } from '../shell/bell.svelte.ts';
import { Router } from '../shell/router.svelte.ts';
import { Toasts } from '../shell/toasts.svelte.ts';
import { Contacts } from '../features/transfer/contacts.svelte.ts';
import { Wanted } from '../features/transfer/wanted.svelte.ts';

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host.startsWith('127.');
}

/** The (encrypted) key file that this tab takes to another network. Where storage is forbidden, the user chooses the file again. */
const carriedKeyFile = new StoredRecord(() => sessionStorage, 'tabchain.carried-key-file');

function takeCarriedKeyFile(): KeyFileText | null {
  const { fileName, pem } = carriedKeyFile.read();
  carriedKeyFile.remove();
  return typeof fileName === 'string' && typeof pem === 'string' ? { fileName, pem } : null;
}

/** The object from before if both say the same: each status brings new objects, and only another content is a reason to fetch. */
function unlessEqual<T>(before: T, now: T): T {
  return JSON.stringify(before) === JSON.stringify(now) ? before : now;
}

/** Relative times on screen change once a second. */
const TICK_MS = 1_000;

export interface KeyFileText {
  fileName: string;
  pem: string;
}

/** A part of this page's link that was repaired or has no effect; see `protocol/link-repair.ts`. */
export interface LinkNote {
  kind: 'repaired' | 'ignored' | 'path';
  given: string;
  meant: string | null;
}

/** What the page knows before its interface. */
export interface AppStart {
  readonly language: Language;
  readonly pack: LanguagePack;
  readonly linkNotes: readonly LinkNote[];
  /** The addresses of the page for other devices, as its host says; none where it says nothing. */
  readonly lanLinks: Promise<readonly string[]>;
}

/** Problems that stay on screen until read, because the node reports each once and a payment may be lost. */
const LASTING_PROBLEMS: ReadonlySet<ErrorCode> = new Set([
  'storage-damaged',
  'storage-rolled-back',
  'storage-block-altered',
  'own-transactions-altered',
  'own-transactions-hidden',
]);

/** State that every page shares: the node, its last status, language, place, notifications. */
export class App {
  readonly api: TabchainApi;
  readonly preferences: Preferences;
  readonly wording: Wording;
  readonly t: Messages = $derived.by(() => this.wording.pack.messages);
  readonly formats: Formats = $derived.by(() => this.wording.formats);
  readonly router = new Router();
  /** What asks the user for something. */
  readonly toasts = new Toasts();
  /** What happened, for later. */
  readonly bell = new Bell();
  /** Null until the node is ready. */
  status = $state.raw<Status | null>(null);
  readonly account: OwnAccount | null = $derived(this.status?.account ?? null);
  /** Changes whenever a list on screen may have changed; -1 until the node is ready. Derived, so a new hash rate alone fetches nothing. */
  readonly revision: number = $derived(this.status?.revision ?? -1);
  /** Whether something that this node does not know may still arrive. */
  readonly catchingUp: boolean = $derived(
    this.status !== null &&
      (this.status.sync.state === 'starting' ||
        this.status.sync.state === 'syncing' ||
        (this.status.sync.state === 'searching' && this.status.height === 0)),
  );
  /** No block has the account's name and no registration is pending: the page was reloaded while registering, or another took the name. */
  readonly unfinished: boolean = $derived(
    this.account?.registration === 'none' &&
      !this.account.locked &&
      this.status?.sync.state !== 'starting' &&
      this.status?.sync.state !== 'syncing',
  );
  /** Whether another account has this account's name, after a reorganisation. */
  readonly nameLost: boolean = $derived(this.account?.registration === 'none' && this.account.registrationError === 'name-taken');
  readonly served = new ServedPage(
    import.meta.env.DEV ? null : (document.querySelector<HTMLScriptElement>('script[type=module]')?.src ?? null),
  );
  /** Whether the network has moved on: a tab claims a newer version of the protocol, and this page's server has one. */
  readonly outdated: boolean = $derived(this.status !== null && (this.served.version ?? 0) > this.status.protocol.version);
  /** The experiment under way. */
  lab = $state.raw<LabRun | null>(null);
  /** Whether the sheet of keyboard shortcuts is open. */
  shortcutsOpen = $state(false);
  /** Why the node did not start. */
  failure = $state.raw<unknown>(null);
  /** Whether no mining thread could be loaded, so the node's own thread searches. */
  minerBlocked = $state(false);
  nowMs = $state(Date.now());
  /** Title of the page on screen; null for the first page. */
  pageTitle = $state<string | null>(null);
  /** A key file dropped on one page and opened on another. */
  keyFile = $state.raw<KeyFileText | null>(takeCarriedKeyFile());
  /** Labels that this device has for accounts of the network. */
  readonly contacts = new Contacts();
  /** The payment that a guest wanted to make; registering and logging in lead there. Kept over a reload. */
  readonly wanted = new Wanted();
  /** Whether the user is writing a payment in this tab; a payment from another tab must not replace the payment unasked. */
  writing = $state(false);
  readonly handover = new PaymentHandover({
    network: () => `#${chainPart(location.hash)}`,
    holding: () => this.account?.name ?? null,
    take: (at) => this.#takePayment(at),
  });
  /** Samples of the last ten minutes, and the bytes since the page was opened. */
  traffic = $state.raw<Pick<Traffic, 'samples' | 'total'>>({ samples: [], total: { received: 0, sent: 0 } });
  readonly meeting: Meeting;
  /** Own transfers sent since the page was loaded, newest first. */
  sent = $state.raw<readonly string[]>([]);
  /** Servers in use; empty until the node is ready. */
  servers = $state.raw<readonly ServerInfo[]>([]);
  /** Notes on this page's link, until the user has read them. */
  linkNotes = $state.raw<readonly LinkNote[]>([]);
  /** Error codes of lasting problems with this browser's storage, until the user has read them. */
  storageNotes = $state.raw<readonly ErrorCode[]>([]);
  /** Start of the links for other devices. */
  #shareBase = $state(location.origin + location.pathname);
  readonly #lanLinks: AppStart['lanLinks'];
  readonly #traffic = new Traffic();
  readonly #idle = new Idle(Date.now());

  constructor(api: TabchainApi, { language, pack, linkNotes, lanLinks }: AppStart) {
    this.api = api;
    this.preferences = new Preferences(language);
    this.wording = new Wording(this.preferences, pack);
    this.#lanLinks = lanLinks;
    this.meeting = new Meeting(api);
    this.linkNotes = linkNotes.filter((note) => note.kind !== 'path' || !this.preferences.knowsPath(note.given));
  }

  /** Removes the link notes that the user has read. */
  dismissLinkNotes(): void {
    for (const { kind, given } of this.linkNotes) if (kind === 'path') this.preferences.notePath(given);
    this.linkNotes = [];
  }

  href(at: string): string {
    return this.router.href(at);
  }

  explain(error: unknown): string {
    return errorText(this.wording.pack.errors, error);
  }

  /** Goes to the log-in page on the network of `link` and takes the key file along. */
  openElsewhere(link: string): void {
    if (this.keyFile !== null) carriedKeyFile.change({ ...this.keyFile });
    location.hash = fragmentFor(link, '/login');
  }

  /** Address that lets another device open `at` on this network and meet this tab: with the room key, if this page's link has one. */
  linkTo(at: string): string {
    return this.#shareBase + fragmentFor(this.#meeting, at);
  }

  /** The same for everybody: without the room key. */
  publicLinkTo(at: string): string {
    return this.#shareBase + fragmentFor(without(this.#meeting, 'key'), at);
  }

  /** The address of another network, for another device. @param link fragment of the network */
  addressOf(link: string): string {
    return this.#shareBase + link;
  }

  /** The address of a private room of this network. */
  roomLink(key: string): string {
    return this.#shareBase + withKey(this.#meeting, key);
  }

  get #meeting(): string {
    return this.status ? withMeetingOf(location.hash, this.status.network.link, this.#addedServers()) : location.hash;
  }

  /** Signaling servers that a link must name because this device has added them; with them the page's own, which is the default alone. */
  #addedServers(): string[] {
    const signaling = this.servers.filter(({ kind }) => kind === 'signaling');
    const added = signaling.filter(({ source }) => source === 'device').map(({ address }) => address);
    return added.length > 0 && signaling.some(({ source }) => source === 'page') ? ['.', ...added] : added;
  }

  /** Fetches the servers in use, whose states change without an event. */
  async refreshServers(): Promise<void> {
    this.servers = await this.api.servers();
  }

  /** On another device "localhost" is that device. So ask the server of the page for its links on the LAN. */
  async #findShareBase(): Promise<void> {
    if (!isLoopback(location.hostname)) return;
    const [first] = await this.#lanLinks;
    if (first !== undefined && /^https?:\/\//.test(first)) this.#shareBase = first;
  }

  /** Fetches the status at once instead of waiting for its event, so a page never acts on the state before its own call. */
  async refresh(): Promise<void> {
    this.#take(await this.api.status());
  }

  /** Another account has its own payments and events. */
  #take(status: Status): void {
    if (status.account?.address !== this.account?.address) {
      this.sent = [];
      this.bell.clear();
    }
    this.status = { ...status, account: unlessEqual(this.account, status.account) };
  }

  /** Follows the node, the clock and the address until the returned function is called. */
  start(): () => void {
    void this.#findShareBase();
    const ticking = setInterval(() => this.#tick(), TICK_MS);
    const ends = [
      this.handover.start(),
      this.contacts.start(),
      this.#idle.start(),
      this.router.listen(() => this.account !== null),
      this.api.subscribe((event) => this.#onEvent(event)),
    ];
    this.api.ready().then(
      (status) => {
        this.status = status;
        this.contacts.open(status.networkId);
        void this.refreshServers();
        // The browser may send the start address of an installed page to its maker, so the address holds no secret.
        const start = isKeyed(location.hash) ? null : without(withMeetingOf(location.hash, status.network.link), 'turn');
        void installAs(status.network, start);
      },
      (error: unknown) => (this.failure = error),
    );
    return () => {
      clearInterval(ticking);
      for (const end of ends) end();
    };
  }

  #tick(): void {
    this.nowMs = Date.now();
    const isIdle = this.#idle.isOver(this.preferences.lockMinutes, this.nowMs);
    if (isIdle && this.account?.locked === false) void this.api.lock().catch(() => undefined);
    const counted = this.#traffic;
    // Monotonic, because people set clocks.
    if (counted.note(performance.now(), this.status?.peers ?? [])) this.traffic = { samples: counted.samples, total: counted.total };
  }

  /** Takes a payment link that another tab opened, because this tab has the account. */
  #takePayment(at: string): void {
    const { t, toasts } = this;
    if (this.writing) toasts.show({ key: 'handed', tone: 'pending', text: t.transfer.handedAsk, at });
    else {
      toasts.show({ key: 'handed', tone: 'pending', text: t.transfer.handedHere, at });
      this.router.go(at);
    }
  }

  #onEvent(event: NodeEvent): void {
    const { t, toasts } = this;
    switch (event.type) {
      case 'status':
        this.#take(event.status);
        this.served.follow(event.status);
        if (event.status.protocol.newer > 0) void this.served.claimed();
        break;
      case 'block':
        if (event.own) this.bell.note(event, Date.now());
        break;
      case 'incoming':
      case 'received':
      case 'confirmed':
      case 'reorganisation':
      case 'experiment':
        this.bell.note(event, Date.now());
        break;
      case 'dropped': {
        // The owner has replaced it, in this tab or with the same key elsewhere.
        if (event.code === 'replaced') return this.bell.note(event, Date.now());
        const text = [t.toast.dropped, this.explain({ code: event.code })].join(t.sentenceGap);
        toasts.show({ key: event.txid, tone: 'bad', text, at: `/tx/${event.txid}` });
        break;
      }
      case 'met':
        return this.meeting.use(event.invitation);
      case 'problem':
        if (event.code === 'miner-blocked') this.minerBlocked = true;
        if (LASTING_PROBLEMS.has(event.code)) this.storageNotes = [...this.storageNotes.filter((code) => code !== event.code), event.code];
        else toasts.show({ key: event.code, tone: 'bad', text: this.explain({ code: event.code, message: event.message }) });
        break;
    }
  }
}

export const [getApp, setApp] = createContext<App>();
