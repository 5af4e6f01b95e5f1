import { webcrypto } from 'node:crypto';
import fc from 'fast-check';
import type { SqlJsStatic } from 'sql.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { createVerifier } from '../../../src/crypto/rsa/verifier.ts';
import { decodeBlock, encodeBlock, type DecodedBlock, type SealedHeader } from '../../../src/protocol/block.ts';
import { BlockBuilder, registrationOf, testAccount, testNetwork, transferOf } from '../../scenarios/support/builders.ts';
import { dump, feed, loadSqlJs, openNode, type TestNode } from './support.ts';

let sqlJs: SqlJsStatic;
beforeAll(async () => {
  sqlJs = await loadSqlJs();
});

const network = testNetwork();
const [alex, ming, wu] = [testAccount('alex'), testAccount('ming'), testAccount('wu')];

/** A block with this many payments; `bad` names the rule that the block breaks. */
interface Step {
  readonly pays: number;
  readonly bad?: 'signature' | 'state-root' | 'nonce';
}

/** A branch mined by alex: all accounts register, then alex pays. */
function branch(builder: BlockBuilder, parent: DecodedBlock, steps: readonly Step[], to = ming): DecodedBlock[] {
  let tip = parent;
  return steps.map(({ pays, bad }) => {
    const state = builder.stateAfter(tip).account(alex.address);
    const newcomers = [alex, ming].filter(({ address }) => !builder.stateAfter(tip).account(address)?.registration);
    const nonce = state?.nonce ?? 0;
    const count = state?.registration ? pays : 0;
    const transfers = Array.from({ length: count }, (_, i) => {
      const signature = bad === 'signature' && i === count - 1 ? { overrides: { signature: new Uint8Array(256).fill(1) } } : {};
      return transferOf(network, alex, { to, amount: 7, fee: 1, nonce: nonce + i + (bad === 'nonce' ? 1 : 0), ...signature });
    });
    const transactions = [...newcomers.map((account) => registrationOf(network, account)), ...transfers];
    const wrong = { unexecuted: bad !== undefined, ...(bad === 'state-root' ? { header: { stateRoot: new Uint8Array(32).fill(9) } } : {}) };
    tip = builder.next(tip, { miner: alex, transactions, ...wrong });
    return tip;
  });
}

/** All rows of the database, including those of other branches. */
function everything(node: TestNode): string {
  return dump(node) + JSON.stringify(node.store.sql.all('SELECT id, height, hex(bytes) FROM side_blocks ORDER BY id'));
}

/** The file without the counters of commits in its header (SQLite file format, offsets 24 and 92). */
function file(node: TestNode): Uint8Array {
  const bytes = node.store.export();
  for (const at of [24, 92]) bytes.fill(0, at, at + 4);
  return bytes;
}

const headers = (blocks: readonly DecodedBlock[]): SealedHeader[] => blocks.map(({ header, nonce, id }) => ({ header, nonce, id }));

const copy = (block: DecodedBlock): DecodedBlock => decodeBlock(encodeBlock(block), network.maxBlockBytes);

/** Feeds blocks as sync does: prevalidates all, then connects them in groups of these sizes. */
async function feedAhead(node: TestNode, blocks: readonly DecodedBlock[], sizes: readonly number[]): Promise<string[]> {
  node.chain.acceptHeaders(headers(blocks));
  const waiting = blocks.map(copy);
  for (const block of waiting) node.chain.prevalidate(block);
  const outcomes: string[] = [];
  for (let turn = 0; waiting.length > 0; turn++) {
    const results = await node.chain.acceptBlocks(waiting.splice(0, sizes[turn % sizes.length]!));
    outcomes.push(...results.map((result) => (result.status === 'rejected' ? result.error.code : result.status)));
  }
  return outcomes;
}

async function openParallel(): Promise<TestNode> {
  return openNode(sqlJs, network, null, createVerifier({ subtle: webcrypto.subtle as SubtleCrypto }));
}

const step = fc.record({ pays: fc.nat(3) });
const sizes = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 });

describe('prevalidated blocks connected in groups', () => {
  test('lead to the same file as one by one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 20 }), sizes, async (steps, groups) => {
        const builder = new BlockBuilder(network);
        const blocks = branch(builder, builder.genesis, steps);
        const [one, many] = [await openNode(sqlJs, network), await openParallel()];
        expect(await feedAhead(many, blocks, groups)).toEqual(await feed(one, blocks));
        expect(many.chain.tip().id).toBe(blocks.at(-1)!.id);
        expect(everything(many)).toBe(everything(one));
        expect(Buffer.compare(file(many), file(one))).toBe(0);
        expect(many.changes.flatMap(({ connected }) => connected.map(({ id }) => id))).toEqual(blocks.map(({ id }) => id));
      }),
      { numRuns: 15 },
    );
  }, 60_000);

  test.each(['signature', 'state-root', 'nonce'] as const)('stop at a block with a wrong %s in the middle, as one by one', async (bad) => {
    const builder = new BlockBuilder(network);
    const good = branch(builder, builder.genesis, [{ pays: 0 }, { pays: 1 }, { pays: 2 }]);
    const rest = branch(builder, good.at(-1)!, [{ pays: 2, bad }, { pays: 0 }, { pays: 0 }]);
    const blocks = [...good, ...rest];
    for (const groups of [[6], [4, 2], [2], [1], [5, 1]]) {
      const [one, many] = [await openNode(sqlJs, network), await openParallel()];
      one.chain.acceptHeaders(headers(blocks));
      const outcomes = await feed(one, blocks);
      expect(outcomes.slice(0, 3)).toEqual(['connected', 'connected', 'connected']);
      expect(outcomes[3]).toMatch(/signature-invalid|state-root-wrong|nonce-gap/);
      expect(outcomes.slice(4)).toEqual(['block-ancestor-invalid', 'block-ancestor-invalid']);
      expect(await feedAhead(many, blocks, groups)).toEqual(outcomes);
      expect(many.chain.tip().id).toBe(good.at(-1)!.id);
      expect(many.chain.bestHeader().id).toBe(good.at(-1)!.id);
      expect(everything(many)).toBe(everything(one));
      expect(many.chain.nextFields(alex.address, [])).toEqual(one.chain.nextFields(alex.address, []));
    }
  });

  test('switch to a better branch, and back from one that breaks a rule, as one by one', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 3, maxLength: 6 }),
        fc.array(step, { minLength: 4, maxLength: 12 }),
        fc.nat(3),
        fc.option(fc.nat(12)),
        sizes,
        async (first, second, fork, broken, groups) => {
          const builder = new BlockBuilder(network);
          const own = branch(builder, builder.genesis, first);
          const rival = second.map((each, index): Step => (index === broken ? { pays: 1, bad: 'state-root' } : each));
          const theirs = branch(builder, fork === 0 ? builder.genesis : own[fork - 1]!, rival, wu);
          const [one, many] = [await openNode(sqlJs, network), await openParallel()];
          await feed(one, own);
          one.chain.acceptHeaders(headers(theirs));
          await feed(one, theirs);
          await feedAhead(many, own, groups);
          await feedAhead(many, theirs, groups);
          expect(many.chain.tip()).toEqual(one.chain.tip());
          expect(many.chain.bestHeader().id).toBe(one.chain.bestHeader().id);
          expect(everything(many)).toBe(everything(one));
          expect(many.chain.nextFields(wu.address, [])).toEqual(one.chain.nextFields(wu.address, []));
        },
      ),
      { numRuns: 20 },
    );
  }, 60_000);

  test('verify every signature once, including those of accounts registered in the same group', async () => {
    const builder = new BlockBuilder(network);
    const blocks = branch(builder, builder.genesis, [{ pays: 0 }, { pays: 3 }, { pays: 2 }]);
    let calls = 0;
    const subtle = {
      importKey: webcrypto.subtle.importKey.bind(webcrypto.subtle),
      verify: (...args: Parameters<SubtleCrypto['verify']>) => {
        calls++;
        return webcrypto.subtle.verify(...(args as Parameters<typeof webcrypto.subtle.verify>));
      },
    } as unknown as SubtleCrypto;
    const node = await openNode(sqlJs, network, null, createVerifier({ subtle }));
    expect(await feedAhead(node, blocks, [3])).toEqual(['connected', 'connected', 'connected']);
    // Testing whether this WebCrypto is strict takes one valid signature and five forged ones.
    const probes = 6;
    expect(calls - probes).toBe(blocks.flatMap(({ transactions }) => transactions).length);
  });

  test('cost nothing if not requested', async () => {
    const builder = new BlockBuilder(network);
    const blocks = branch(builder, builder.genesis, [{ pays: 0 }, { pays: 3 }]);
    let prefetched = 0;
    const verifier = { verify: () => true, prefetch: () => Promise.resolve(void prefetched++) };
    const node = await openNode(sqlJs, network, null, verifier);
    // The header is unknown, so the block has no proven work.
    node.chain.prevalidate(blocks[0]!);
    expect(prefetched).toBe(0);
    node.chain.acceptHeaders(headers(blocks));
    // Another body with the same header.
    node.chain.prevalidate({ ...blocks[1]!, transactions: blocks[0]!.transactions });
    expect(prefetched).toBe(0);
    node.chain.prevalidate(blocks[0]!);
    expect(prefetched).toBe(1);
  });

  test('that a store refuses leave no trace', async () => {
    const builder = new BlockBuilder(network);
    const blocks = branch(builder, builder.genesis, [{ pays: 0 }, { pays: 1 }, { pays: 1 }]);
    const node = await openNode(sqlJs, network);
    const before = everything(node);
    const connect = node.store.connect.bind(node.store);
    node.store.connect = (effect, work) => {
      if (effect.block.header.height === 3) throw new Error('out of memory');
      connect(effect, work);
    };
    await expect(node.chain.acceptBlocks(blocks)).rejects.toThrow('out of memory');
    expect(everything(node)).toBe(before);
    expect(blocks.map(({ id }) => node.chain.hasBlock(id))).toEqual([false, false, false]);
    node.store.connect = connect;
    const outcomes = await node.chain.acceptBlocks(blocks);
    expect(outcomes.map(({ status }) => status)).toEqual(['connected', 'connected', 'connected']);
  });
});
