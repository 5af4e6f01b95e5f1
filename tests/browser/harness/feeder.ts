import initSqlJs from 'sql.js';
import type { Page } from 'playwright-core';
import { Chain } from '../../../src/chain/chain.ts';
import { Mempool } from '../../../src/mempool/mempool.ts';
import { RuleError } from '../../../src/consensus/rule-error.ts';
import type { SignatureVerifier } from '../../../src/crypto/rsa/verifier.ts';
import { toFrames } from '../../../src/net/framing.ts';
import { PeerNetwork } from '../../../src/net/peer-network.ts';
import type { Link, Transport, TransportEvents } from '../../../src/net/transport.ts';
import { encodeBlock, type DecodedBlock } from '../../../src/protocol/block.ts';
import type { Network } from '../../../src/protocol/network.ts';
import { encodeBlockMessage, encodeMessage } from '../../../src/protocol/wire.ts';
import { SqlChainStore } from '../../../src/storage/sql/store.ts';

const LINK = 'feeder';
const PEER_ID = 'feed'.repeat(4);
/** Peer id of the fed tab on this link. */
const TAB_ID = 'fed0'.repeat(4);
/** Base64 characters per call into the page. */
const CHARACTERS_PER_CALL = 4_000_000;
/** Accepts every signature, because the tab checks them itself. */
const TRUSTING: SignatureVerifier = { verify: () => true, prefetch: () => Promise.resolve() };

/** The feeder's state in the page after {@link prepareFeeding}. */
interface FedWindow {
  feeding: {
    worker: Worker;
    /** Frames of the `block` message, by the block's id. */
    blocks: Map<string, Uint8Array[]>;
    /** `performance.now()` when the first block was sent; null before. */
    firstBlockAt: number | null;
  };
  toFeeder(base64: string): Promise<void>;
}

type BlockFrames = readonly [id: string, framesInBase64: readonly string[]];

/** Keeps a reference to the page's node worker. Call before the page is opened. */
export async function prepareFeeding(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const fed = window as unknown as FedWindow & { Worker: typeof Worker };
    fed.Worker = class extends Worker {
      override postMessage(message: unknown, options?: StructuredSerializeOptions | Transferable[]): void {
        if ((message as { method?: string }).method === 'open') fed.feeding = { worker: this, blocks: new Map(), firstBlockAt: null };
        super.postMessage(message, options as Transferable[]);
      }
    };
  });
}

/** A chain to feed to any number of tabs. */
export interface FeedChain {
  readonly network: Network;
  readonly store: SqlChainStore;
  readonly chain: Chain;
  readonly transactions: number;
  readonly blocks: readonly BlockFrames[];
}

function framesOf(block: DecodedBlock): BlockFrames {
  return [block.id, toFrames(encodeBlockMessage(encodeBlock(block))).map((frame) => Buffer.from(frame).toString('base64'))];
}

/** Makes a chain from blocks without checking signatures, because the tab checks them. */
export async function createFeedChain(network: Network, blocks: AsyncIterable<DecodedBlock>): Promise<FeedChain> {
  const store = SqlChainStore.open(await initSqlJs(), network);
  const chain = await Chain.open({ network, store, verifier: TRUSTING, clock: { now: () => Date.now() }, log: () => undefined });
  const frames: BlockFrames[] = [];
  let transactions = 0;
  for await (const block of blocks) {
    await chain.acceptBlock(block);
    transactions += block.transactions.length;
    frames.push(framesOf(block));
  }
  return { network, store, chain, transactions, blocks: frames };
}

/**
 * A node in this process that has a chain and is linked to a tab as if over WebRTC. The bytes go straight to the tab's node worker, so the
 * tab can receive any chain without another tab that has mined it. The page holds the blocks and sends them when the worker requests them,
 * as fast as the fastest link. This node answers all other messages.
 */
export class Feeder implements Transport {
  readonly peerId = PEER_ID;
  readonly #page: Page;
  readonly #service: PeerNetwork;
  readonly #chain: Chain;
  readonly #queue: Uint8Array[] = [];
  #queued = 0;
  #pumping: Promise<void> = Promise.resolve();
  #events: TransportEvents | null = null;
  #link: Link | null = null;
  #tail: Promise<unknown> = Promise.resolve();

  private constructor(page: Page, { network, store, chain }: FeedChain) {
    this.#page = page;
    this.#chain = chain;
    const clock = { now: () => Date.now(), monotonic: () => performance.now() };
    this.#service = new PeerNetwork({
      chain,
      mempool: new Mempool({ network, chain, store, verifier: TRUSTING, clock }),
      transport: this,
      clock,
      timers: { set: (callback, delayMs) => setTimeout(callback, delayMs) as unknown as number, clear: (id) => clearTimeout(id) },
      random: { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) },
      log: () => undefined,
      agent: 'feeder',
      enqueue: (task) => void (this.#tail = this.#tail.then(task)),
      isRuleError: (error) => error instanceof RuleError,
    });
  }

  /** Loads the chain into an open page. */
  static async prepare(page: Page, chain: FeedChain): Promise<Feeder> {
    await handOver(page, chain.blocks);
    return new Feeder(page, chain);
  }

  start(events: TransportEvents): void {
    this.#events = events;
  }

  stop(): void {
    this.#events = null;
  }

  /** Links to the tab, which starts requesting at once. Call once per page. */
  async open(): Promise<void> {
    await this.#page.exposeFunction('toFeeder', (base64: string) =>
      this.#events?.message(this.#link!, new Uint8Array(Buffer.from(base64, 'base64'))),
    );
    await this.#page.evaluate(linkInPage, [LINK, TAB_ID, PEER_ID, requestPrefix()] as const);
    this.#link = {
      id: LINK,
      peerId: TAB_ID,
      kind: 'direct',
      met: 'server',
      rtc: true,
      send: (bytes) => this.#send(bytes),
      bufferedBytes: () => this.#queued,
      close: () => undefined,
    };
    this.#service.start();
    this.#events!.open(this.#link);
  }

  /** Connects one more block to the chain, and announces the block to the tab. */
  async extend(block: DecodedBlock): Promise<void> {
    await handOver(this.#page, [framesOf(block)]);
    await this.#chain.acceptBlock(block);
    this.#service.announceBlock(block.id);
  }

  /** Ends the link; resolves when the tab has been told. */
  async close(): Promise<void> {
    this.#service.stop();
    await this.#pumping;
  }

  #send(bytes: Uint8Array): void {
    this.#queued += bytes.length;
    if (this.#queue.push(bytes) === 1) this.#pumping = this.#pump();
  }

  async #pump(): Promise<void> {
    for (let bytes = this.#queue[0]; bytes; bytes = this.#queue[0]) {
      await this.#page.evaluate(
        ([link, base64]) => {
          const data = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
          const { worker } = (window as unknown as FedWindow).feeding;
          worker.postMessage({ rpc: 'note', note: { kind: 'link-message', link, bytes: data } }, [data.buffer]);
        },
        [LINK, Buffer.from(bytes).toString('base64')] as const,
      );
      this.#queue.shift();
      this.#queued -= bytes.length;
      this.#events?.drained(this.#link!);
    }
  }
}

/** The first bytes of a frame that requests blocks: flag, type and kind. Two bytes with the number of ids and the ids follow. */
function requestPrefix(): number[] {
  return [...toFrames(encodeMessage({ type: 'getData', kind: 'block', ids: [] }))[0]!.subarray(0, -2)];
}

async function handOver(page: Page, blocks: readonly BlockFrames[]): Promise<void> {
  let part: BlockFrames[] = [];
  let characters = 0;
  for (const [index, block] of blocks.entries()) {
    part.push(block);
    characters += block[1].reduce((sum, frame) => sum + frame.length, 0);
    if (characters < CHARACTERS_PER_CALL && index < blocks.length - 1) continue;
    await page.evaluate((given) => {
      const { feeding } = window as unknown as FedWindow;
      for (const [id, frames] of given) {
        feeding.blocks.set(
          id,
          frames.map((frame) => Uint8Array.from(atob(frame), (character) => character.charCodeAt(0))),
        );
      }
    }, part);
    part = [];
    characters = 0;
  }
}

/** Runs in the page, so it may use only its own code. */
function linkInPage([link, self, peerId, prefix]: readonly [string, string, string, readonly number[]]): void {
  const fed = window as unknown as FedWindow;
  const { feeding } = fed;
  const { worker } = feeding;
  worker.addEventListener('message', ({ data }: MessageEvent<{ note?: { kind: string; link: string; bytes: Uint8Array } }>) => {
    const { note } = data;
    if (note?.kind !== 'link-send' || note.link !== link) return;
    if (!prefix.every((byte, index) => note.bytes[index] === byte)) return void fed.toFeeder(btoa(String.fromCharCode(...note.bytes)));
    for (let at = prefix.length + 2; at < note.bytes.length; at += 32) {
      const id = Array.from(note.bytes.subarray(at, at + 32), (byte) => byte.toString(16).padStart(2, '0')).join('');
      for (const frame of feeding.blocks.get(id)!) {
        const bytes = frame.slice();
        feeding.firstBlockAt ??= performance.now();
        worker.postMessage({ rpc: 'note', note: { kind: 'link-message', link, bytes } }, [bytes.buffer]);
      }
    }
  });
  worker.postMessage({ rpc: 'note', note: { kind: 'link-open', link, self, peerId, linkKind: 'direct', met: 'server', rtc: true } });
}

/**
 * Waits in the page until the whole chain is on the tab's disk.
 * @returns milliseconds from the first block's first byte
 */
export function whenDurable(page: Page, { chain }: FeedChain): Promise<number> {
  return page.evaluate(async (tip) => {
    const { tabchain, feeding } = window as unknown as FedWindow & {
      tabchain: { status(): Promise<{ persisted: { tip: string | null } }> };
    };
    while ((await tabchain.status()).persisted.tip !== tip) await new Promise((resolve) => setTimeout(resolve, 20));
    return performance.now() - feeding.firstBlockAt!;
  }, chain.tip().id);
}
