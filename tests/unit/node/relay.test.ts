import type { SqlJsStatic } from 'sql.js';
import { beforeAll, expect, test } from 'vitest';
import { toFrames } from '../../../src/net/framing.ts';
import type { Link, Transport, TransportEvents } from '../../../src/net/transport.ts';
import type { DecodedTransaction } from '../../../src/protocol/transaction.ts';
import { decodeMessage, encodeMessage, type Message } from '../../../src/protocol/wire.ts';
import { loadSqlJs, NETWORK } from '../../fuzz/support/node.ts';
import { testAccount, transferOf } from '../../scenarios/support/builders.ts';
import { Browser, TestTab } from './support.ts';

/** Longest time until an announcement. */
const ANNOUNCED_MS = 500;

let sqlJs: SqlJsStatic;
beforeAll(async () => {
  sqlJs = await loadSqlJs();
});

/** A peer on the far side of a link. */
class Peer {
  readonly heard: Message[] = [];
  readonly #events: TransportEvents;
  readonly #link: Link;

  constructor(events: TransportEvents, peerId: string) {
    this.#events = events;
    this.#link = {
      id: peerId,
      peerId,
      kind: 'direct',
      met: 'server',
      rtc: true,
      // None of these messages needs a second frame, so the first byte (flag) is skipped.
      send: (bytes) => this.heard.push(decodeMessage(bytes.subarray(1), NETWORK.maxBlockBytes)),
      bufferedBytes: () => 0,
      close: () => undefined,
    };
    events.open(this.#link);
    const { genesis, id } = NETWORK;
    this.say({ type: 'hello', networkId: id, peerId, agent: 'peer', height: 0, tip: genesis.id, work: 0n, base: 0, clockMs: 0 });
  }

  say(message: Message): void {
    for (const frame of toFrames(encodeMessage(message))) this.#events.message(this.#link, frame);
  }

  announced(): string[] {
    return this.heard.flatMap((message) => (message.type === 'inventory' && message.kind === 'transaction' ? message.ids : []));
  }
}

test('a transaction that no block can contain yet is relayed only together with its predecessor', async () => {
  const browser = new Browser();
  const [wu, ming] = [testAccount('wu'), testAccount('ming')];
  await browser.populate(sqlJs, wu);
  let events: TransportEvents | null = null;
  const transport: Transport = { peerId: '0011223344556677', start: (given) => void (events = given), stop: () => undefined };
  const tab = new TestTab(sqlJs, browser, { transport });
  await tab.open(wu);
  const [from, to] = ['a', 'b'].map((digit) => new Peer(events!, digit.repeat(16))) as [Peer, Peer];
  const [next, later] = [1, 2].map((nonce) => transferOf(NETWORK, ming, { to: wu, amount: 5, fee: 700, nonce }));
  const taken = async (transaction: DecodedTransaction): Promise<void> => {
    from.say({ type: 'transaction', transaction });
    await tab.time.advance(ANNOUNCED_MS);
    expect((await tab.node.reads.mempool()).items.map(({ txid }) => txid)).toContain(transaction.id);
  };
  await taken(later!);
  expect(to.announced()).toEqual([]);
  await taken(next!);
  expect(to.announced().sort()).toEqual([next!.id, later!.id].sort());
});
