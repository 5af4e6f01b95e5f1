import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { build, type Rolldown } from 'vite';
import { Reassembler, toFrames } from '../../src/net/framing.ts';
import type { Network } from '../../src/protocol/network.ts';
import { decodeMessage, encodeMessage, type Message, type TipClaim } from '../../src/protocol/wire.ts';
import { Chromium } from '../browser/harness/chromium.ts';
import type { DialOptions, ModemEvent, ModemPage } from './modem/modem.ts';

const PAGE_PATH = 'modem.html';
/** A browser of low priority starts slowly on a busy machine. */
const PAGE_TIMEOUT_MS = 120_000;
/** Larger than any message of a node. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** One link from the attacker to the victim. */
export interface HostileLink {
  readonly id: string;
  /** The attacker's identity on this link. */
  readonly selfId: string;
  readonly victim: string;
}

export interface AttackerEvents {
  opened(link: HostileLink): void;
  heard(link: HostileLink, message: Message): void;
}

/** A browser of strangers: any number of identities, each with its own links, all controlled by this process. */
export class Attacker {
  readonly #browser: Chromium;
  readonly #page: Page;
  readonly #network: Network;
  readonly #links = new Map<string, { link: HostileLink; joiner: Reassembler }>();
  readonly #present = new Set<string>();
  #events: AttackerEvents | null = null;
  /** Number of opened links, and of links that the victim or the server has closed. */
  opened = 0;
  closed = 0;

  /** URL of the signaling server for this browser. */
  readonly signalingUrl: string;

  private constructor(browser: Chromium, page: Page, network: Network, url: string) {
    this.signalingUrl = `${url.replace('http', 'ws')}signal`;
    this.#browser = browser;
    this.#page = page;
    this.#network = network;
  }

  /**
   * Opens the attacker's page under the server's origin, as an attacker can do in his own browser.
   * @param url of the server
   */
  static async launch(url: string, network: Network): Promise<Attacker> {
    const script = await bundle();
    // A page that no server has sent counts as public, and Chromium keeps public pages from connecting to this machine.
    // Strangers have their own machines. Here they may use only the processor time that the honest tabs leave over.
    const browser = await Chromium.launch({ flags: ['--disable-features=LocalNetworkAccessChecks'], yielding: true });
    const { page } = await browser.newTab('attacker');
    page.setDefaultTimeout(PAGE_TIMEOUT_MS);
    await page.route(`${url}${PAGE_PATH}`, (route) => route.fulfill({ contentType: 'text/html', body: '<title>modem</title>' }));
    const attacker = new Attacker(browser, page, network, url);
    await page.exposeFunction('toAttacker', (event: ModemEvent) => attacker.#told(event));
    await page.goto(url + PAGE_PATH);
    await page.addScriptTag({ content: script });
    return attacker;
  }

  /** Ids of the tabs in the room, seen by an identity that makes no links. */
  async lookAround(options: Pick<DialOptions, 'url' | 'room'>, expected: number): Promise<string[]> {
    this.#present.clear();
    await this.dial({ ...options, relayed: true, victim: null, identities: 1 });
    while (this.#present.size < expected) await pause(50);
    await this.hangUp();
    return [...this.#present];
  }

  listen(events: AttackerEvents): void {
    this.#events = events;
  }

  get links(): readonly HostileLink[] {
    return [...this.#links.values()].map(({ link }) => link);
  }

  dial(options: DialOptions): Promise<void> {
    return this.#page.evaluate((given) => (window as unknown as ModemPage).modem.dial(given), options);
  }

  /** Sends `hello` with any claim. Nodes ignore other messages before it. */
  greet(link: HostileLink, claim: TipClaim): Promise<void> {
    const { id: networkId } = this.#network;
    const { selfId: peerId } = link;
    return this.say(link, { type: 'hello', networkId, peerId, agent: 'tabchain/0.1.0', clockMs: Date.now(), ...claim });
  }

  say(link: HostileLink, ...messages: readonly Message[]): Promise<void> {
    return this.#page.evaluate(([id, frames]) => (window as unknown as ModemPage).modem.send(id, frames), [
      link.id,
      messages.flatMap(frames),
    ] as const);
  }

  /** Sends the messages again and again on all links. */
  flood(messages: readonly Message[], bytesPerSecond = Infinity): Promise<void> {
    return this.floodBytes(messages.flatMap(frames), bytesPerSecond);
  }

  /** @param framesInBase64 any bytes that a link accepts, also invalid frames */
  floodBytes(framesInBase64: readonly string[], bytesPerSecond = Infinity): Promise<void> {
    const rate = Math.min(bytesPerSecond, 1e9);
    return this.#page.evaluate(([list, limit]) => (window as unknown as ModemPage).modem.flood(null, list, limit), [
      framesInBase64,
      rate,
    ] as const);
  }

  deafen(link: HostileLink): Promise<void> {
    return this.#page.evaluate((id) => (window as unknown as ModemPage).modem.deafen(id), link.id);
  }

  /** Sends signed signals for making links, from every identity. */
  signal(to: string, kind: 'want' | 'busy' | 'relay-open' | 'relay-close', perSecond: number): Promise<void> {
    return this.#page.evaluate(([victim, what, rate]) => (window as unknown as ModemPage).modem.signal(victim, { kind: what }, rate), [
      to,
      kind,
      perSecond,
    ] as const);
  }

  /** Stops reading from every link for at most `ms`, or until `over`. Messages wait meanwhile. */
  async standStill(ms: number, over: () => boolean): Promise<void> {
    const goOn = await this.#browser.standStill();
    const until = Date.now() + ms;
    while (Date.now() < until && !over()) await pause(50);
    goOn();
  }

  async hangUp(): Promise<void> {
    await this.#page.evaluate(() => (window as unknown as ModemPage).modem.hangUp());
    this.#links.clear();
  }

  close(): Promise<void> {
    return this.#browser.dispose();
  }

  #told(event: ModemEvent): void {
    if (event.kind === 'present') return void this.#present.add(event.peer);
    if (event.kind === 'open') {
      const link = { id: event.link, selfId: event.selfId, victim: event.peer };
      this.#links.set(event.link, { link, joiner: new Reassembler(MAX_MESSAGE_BYTES) });
      this.opened++;
      return this.#events?.opened(link);
    }
    const known = this.#links.get(event.link);
    if (!known) return;
    if (event.kind === 'close') {
      this.#links.delete(event.link);
      this.closed++;
      return;
    }
    const whole = known.joiner.add(new Uint8Array(Buffer.from(event.base64, 'base64')));
    if (whole) this.#events?.heard(known.link, decodeMessage(whole, this.#network.maxBlockBytes));
  }
}

function frames(message: Message): string[] {
  return toFrames(encodeMessage(message)).map((frame) => Buffer.from(frame).toString('base64'));
}

/** The modem as one classic script, including the product's own link code. */
async function bundle(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'error',
    resolve: { alias: [{ find: /^simple-peer$/, replacement: 'simple-peer/simplepeer.min.js' }] },
    build: {
      write: false,
      target: 'es2022',
      lib: { entry: fileURLToPath(new URL('./modem/modem.ts', import.meta.url)), formats: ['iife'], name: 'modemPage' },
    },
  });
  const [{ output }] = built as Rolldown.RolldownOutput[] as [Rolldown.RolldownOutput];
  return output[0].code;
}
