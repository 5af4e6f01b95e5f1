import type { SqlJsStatic } from 'sql.js';
import { beforeAll, expect, test } from 'vitest';
import { toFrames } from '../../../src/net/framing.ts';
import type { Link, TransportEvents } from '../../../src/net/transport.ts';
import { TabNode } from '../../../src/node/tab-node.ts';
import { addressText } from '../../../src/crypto/address.ts';
import type { DecodedTransaction } from '../../../src/protocol/transaction.ts';
import { decodeMessage, encodeMessage, type Message } from '../../../src/protocol/wire.ts';
import { MemoryMedium, MemoryRecords } from '../../../src/storage/disk/medium-memory.ts';
import { PageDisk } from '../../../src/storage/disk/page-disk.ts';
import { PageFile } from '../../../src/storage/disk/page-file.ts';
import { fakeMachine, loadSqlJs, NETWORK, populatedStore } from '../../fuzz/support/node.ts';
import { testAccount, transferOf } from '../../scenarios/support/builders.ts';

/** Beyond it a timer belongs to something that this test does not wait for. */
const SHORT_MS = 500;

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
      // None of these messages needs a second frame; the first byte says so.
      send: (bytes) => this.heard.push(decodeMessage(bytes.subarray(1), NETWORK.maxBlockBytes)),
      bufferedBytes: () => 0,
      close: () => undefined,
    };
    events.open(this.#link);
    const { genesis, id } = NETWORK;
    this.say({ type: 'hello', networkId: id, peerId, agent: 'peer', height: 0, tip: genesis.id, work: 0n, clockMs: 0 });
  }

  say(message: Message): void {
    for (const frame of toFrames(encodeMessage(message))) this.#events.message(this.#link, frame);
  }

  announced(): string[] {
    return this.heard.flatMap((message) => (message.type === 'inventory' && message.kind === 'transaction' ? message.ids : []));
  }
}

test('what no block can take yet is not passed on, and then with what it waited for', async () => {
  const store = await populatedStore(sqlJs);
  const { header, id } = store.header(store.height())!;
  const records = new MemoryRecords();
  const image = PageFile.from(store.export());
  store.close();
  await (await PageDisk.open(new MemoryMedium(records), 'writer')).save(() => ({ pages: image, height: header.height, tip: id }));
  let events: TransportEvents | null = null;
  const env = {
    ...fakeMachine(sqlJs, records),
    transport: { peerId: '0011223344556677', start: (given: TransportEvents) => void (events = given), stop: () => undefined },
    timers: { set: (callback: () => void, delayMs: number) => (delayMs <= SHORT_MS && setTimeout(callback), 0), clear: () => undefined },
  };
  const node = new TabNode(env, { event: () => undefined, registerStep: () => undefined });
  const [wu, ming] = [testAccount('wu'), testAccount('ming')];
  const binding = { account: { name: 'wu', address: addressText(wu.address), keyFileSaved: true, keyKept: true }, fencingToken: 'reader' };
  await node.open({ fragment: '#net=fuzz&T=1000&pow=207fffff&stamp=207fffff', binding, secure: true });
  const [from, to] = ['a', 'b'].map((digit) => new Peer(events!, digit.repeat(16))) as [Peer, Peer];
  const [next, later] = [1, 2].map((nonce) => transferOf(NETWORK, ming, { to: wu, amount: 5, fee: 700, nonce }));
  const settled = async (transaction: DecodedTransaction): Promise<void> => {
    from.say({ type: 'transaction', transaction });
    await expect.poll(async () => (await node.reads.mempool()).items.map(({ txid }) => txid)).toContain(transaction.id);
    // Whatever is to be announced is announced within the shortest timers.
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setTimeout(resolve));
  };
  await settled(later!);
  expect(to.announced()).toEqual([]);
  await settled(next!);
  await expect.poll(() => to.announced().sort()).toEqual([next!.id, later!.id].sort());
});
