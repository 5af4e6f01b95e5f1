import fc from 'fast-check';
import type { SqlJsStatic } from 'sql.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { encodeBlock, type DecodedBlock } from '../../../src/protocol/block.ts';
import { checkHistoryProof } from '../../../src/protocol/history-proof.ts';
import { toHex } from '../../../src/util/bytes.ts';
import { TabchainError } from '../../../src/util/errors.ts';
import { BlockBuilder, registrationOf, testAccount, testNetwork, transferOf } from '../../scenarios/support/builders.ts';
import { dump, feed, loadSqlJs, openNode } from './support.ts';

let sqlJs: SqlJsStatic;
beforeAll(async () => {
  sqlJs = await loadSqlJs();
});

const network = testNetwork();
const alex = testAccount('alex');
const ming = testAccount('ming');

/** genesis ← mined by alex ← both register ← alex pays ming with a memo that begins with a byte order mark. */
function story(builder: BlockBuilder): DecodedBlock[] {
  const mined = builder.next(builder.genesis, { miner: alex });
  const joined = builder.next(mined, { transactions: [registrationOf(network, alex), registrationOf(network, ming)], miner: alex });
  const pay = transferOf(network, alex, { to: ming, amount: 7, fee: 500, nonce: 0, memo: '\ufeffthanks, 謝謝 🌻 and more text' });
  const sealed = transferOf(network, alex, {
    to: '22'.repeat(20),
    amount: 1,
    fee: 1,
    nonce: 1,
    memo: { kind: 'sealed', ciphertext: new Uint8Array(256).fill(7) },
  });
  const paid = builder.next(joined, { transactions: [pay, sealed], miner: ming });
  return [mined, joined, paid];
}

test('every active block is proven to be an ancestor of every later one, and nothing else is', async () => {
  const builder = new BlockBuilder(network);
  const { chain } = await openNode(sqlJs, network);
  const blocks = [builder.genesis, ...builder.extend(builder.genesis, 9)];
  for (const block of blocks.slice(1)) await chain.acceptBlock(block);
  for (const [height, block] of blocks.entries()) {
    const { work } = chain.locate(block.id)!;
    const before = chain.locate(block.header.previous)?.work ?? 0n;
    for (const [size, later] of blocks.entries()) {
      const proof = chain.proofs.historyProof(height, size);
      if (size <= height) expect(proof).toBeNull();
      else {
        const claim = { height, id: block.id, work: work - before };
        const { total } = checkHistoryProof(later.header.historyRoot, size, claim, proof!);
        expect(total).toBe(chain.locate(later.header.previous)!.work);
      }
    }
  }
  expect(chain.proofs.historyProof(3)).toEqual(chain.proofs.historyProof(3, 9));
  for (const [height, later] of [
    [-1, 9],
    [0, 10],
    [0.5, 9],
    [9, 9],
  ] as const)
    expect(chain.proofs.historyProof(height, later)).toBeNull();
});

test('the fields computed for a template depend on tip, miner and transactions', async () => {
  const builder = new BlockBuilder(network);
  const { chain } = await openNode(sqlJs, network);
  let tip = builder.genesis;
  for (const block of story(builder)) {
    for (const next of [block, block, builder.next(tip, { miner: ming }), block]) {
      const { historyRoot, stateRoot, supply } = next.header;
      expect(chain.nextFields(next.header.miner, next.transactions)).toEqual({ historyRoot, stateRoot, supply });
    }
    await chain.acceptBlock(block);
    tip = block;
  }
});

describe('the active chain as rows', () => {
  test('is read back as the same bytes', async () => {
    const builder = new BlockBuilder(network);
    const blocks = story(builder);
    const node = await openNode(sqlJs, network);
    expect(await feed(node, blocks)).toEqual(['connected', 'connected', 'connected']);
    // The first node still has the tip in memory; the second has only the rows.
    for (const { chain } of [node, await openNode(sqlJs, network, node.store.export())])
      for (const block of [network.genesis, ...blocks]) {
        expect(toHex(chain.blockBytes(block.id)!)).toBe(toHex(encodeBlock(block)));
        expect(chain.block(block.id)).toEqual(block);
      }
    expect(node.chain.headersAfter([], 10)).toEqual(blocks.map(({ header, nonce, id }) => ({ header, nonce, id })));
  });

  test('forwards the tip without encoding it again, and a block of another branch too', async () => {
    const builder = new BlockBuilder(network);
    const { chain } = await openNode(sqlJs, network);
    const [tip, rival] = [builder.next(builder.genesis, { miner: alex }), builder.next(builder.genesis, { miner: ming })];
    expect(await chain.acceptBlocks([tip, rival])).toEqual([{ status: 'connected' }, { status: 'side' }]);
    expect(chain.block(tip.id)).toBe(tip);
    expect(chain.block(rival.id)).toEqual(rival);
    expect(chain.block(builder.next(tip).id)).toBeNull();
  });

  test('survives export and opening, and continues', async () => {
    const builder = new BlockBuilder(network);
    const [first, second, third] = story(builder) as [DecodedBlock, DecodedBlock, DecodedBlock];
    const before = await openNode(sqlJs, network);
    await feed(before, [first, second]);
    const after = await openNode(sqlJs, network, before.store.export());
    expect(dump(after)).toBe(dump(before));
    expect(after.chain.tip()).toEqual(before.chain.tip());
    expect(await feed(after, [third])).toEqual(['connected']);
  });
});

test('a storm is checked against eight blocks below, in memory or in the store, on any branch', async () => {
  const builder = new BlockBuilder(network);
  const extend = (from: DecodedBlock, count: number, variant: number): DecodedBlock[] => {
    const blocks: DecodedBlock[] = [];
    for (let tip = from; blocks.length < count; blocks.push(tip)) tip = builder.next(tip, { timeMs: tip.header.timeMs + 2, variant });
    return blocks;
  };
  const main = extend(builder.genesis, 14, 0);
  const before = await openNode(sqlJs, network);
  for (const block of main) {
    expect(before.chain.nextBits(block.header.timeMs)).toBe(block.header.bits);
    expect(await feed(before, [block])).toEqual(['connected']);
  }
  const after = await openNode(sqlJs, network, before.store.export());
  const branch = extend(main[10]!, 5, 1_000_000);
  expect(await feed(after, branch)).toEqual(['side', 'side', 'side', 'connected', 'connected']);
  const next = builder.next(branch.at(-1)!, { timeMs: branch.at(-1)!.header.timeMs + 1 });
  expect(after.chain.nextBits(next.header.timeMs)).toBe(next.header.bits);
});

test('the database equals a replay from genesis after any forks', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ parent: fc.nat(), who: fc.nat(3), pays: fc.nat(2) }), { minLength: 5, maxLength: 25 }),
      fc.infiniteStream(fc.nat()),
      async (steps, order) => {
        const builder = new BlockBuilder(network);
        const people = [alex, ming, testAccount('wu'), testAccount('lin')];
        const blocks: DecodedBlock[] = [builder.genesis];
        for (const { parent: index, who, pays } of steps) {
          // Near the newest block, so that branches grow long enough to compete.
          const parent = blocks[Math.max(0, blocks.length - 1 - (index % 4))]!;
          const state = builder.stateAfter(parent);
          const account = state.account(people[who]!.address);
          const transactions = [];
          if (!account?.registration) transactions.push(registrationOf(network, people[who]!));
          else if (account.balance > 10 * pays) {
            for (let i = 0; i < pays; i++)
              transactions.push(
                transferOf(network, people[who]!, { to: people[(who + i) % 4]!, amount: 5, fee: i, nonce: account.nonce + i }),
              );
          }
          blocks.push(builder.next(parent, { miner: people[(who + index) % 4]!, transactions, variant: index % 7 }));
        }
        const node = await openNode(sqlJs, network);
        const waiting = blocks.slice(1);
        while (waiting.length > 0) {
          // Any order in which the parent's header is known: a body may come before its parent's body.
          const [block] = waiting.splice(order.next().value % Math.min(waiting.length, 4), 1) as [DecodedBlock];
          node.chain.acceptHeaders(ancestry(builder, block));
          expect(await node.chain.acceptBlock(block)).toMatch(/connected|side|known/);
        }
        const tip = node.chain.tip();
        const most = blocks.map((block) => node.chain.locate(block.id)!.work).reduce((a, b) => (a > b ? a : b));
        expect(tip.work).toBe(most);
        const replay = await openNode(sqlJs, network);
        for (let height = 1; height <= tip.height; height++) await feed(replay, [builder.known(node.chain.activeId(height)!)]);
        expect(dump(node)).toBe(dump(replay));
        expect(node.store.sql.all('PRAGMA integrity_check')).toEqual([['ok']]);
        expect(node.store.sql.all('PRAGMA foreign_key_check')).toEqual([]);
      },
    ),
    { numRuns: 25 },
  );
}, 60_000);

function ancestry(builder: BlockBuilder, block: DecodedBlock): DecodedBlock[] {
  const line: DecodedBlock[] = [];
  for (let at = block; at.header.height > 0; at = builder.known(at.header.previous)) line.unshift(at);
  return line;
}

describe('a store that fails', () => {
  test('loses the block, not the node', async () => {
    const builder = new BlockBuilder(network);
    const [a, b] = builder.extend(builder.genesis, 2) as [DecodedBlock, DecodedBlock];
    const node = await openNode(sqlJs, network);
    await feed(node, [a]);
    const before = dump(node);
    const connect = node.store.connect.bind(node.store);
    node.store.connect = (effect, work) => {
      connect(effect, work);
      throw new TabchainError('storage-sql', 'out of memory');
    };
    expect(await feed(node, [b])).toEqual(['storage-sql']);
    expect(dump(node)).toBe(before);
    node.store.connect = connect;
    expect(await feed(node, [b])).toEqual(['connected']);
  });

  test('and has lost a side block requests the block again', async () => {
    const builder = new BlockBuilder(network);
    const [a] = builder.extend(builder.genesis, 1) as [DecodedBlock];
    const [x, y] = builder.extend(builder.genesis, 2, { miner: ming }) as [DecodedBlock, DecodedBlock];
    const node = await openNode(sqlJs, network);
    await feed(node, [a, x]);
    node.store.atomically(() => node.store.deleteSideBlock(x.id));
    expect(await feed(node, [y])).toEqual(['side']);
    expect(node.chain.missingBlocks(9)).toEqual([x.id]);
    expect(await feed(node, [x])).toEqual(['connected']);
    expect(node.chain.tip().id).toBe(y.id);
  });
});
