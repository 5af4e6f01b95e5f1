import { createPublicKey, sign, verify } from 'node:crypto';
import initSqlJs from 'sql.js';
import { describe, expect, it } from 'vitest';
import { Chain } from '../../../src/chain/chain.ts';
import { createBigIntVerifier } from '../../../src/crypto/rsa/verifier.ts';
import type { DecodedBlock } from '../../../src/protocol/block.ts';
import { SqlChainStore } from '../../../src/storage/sql/store.ts';
import { benchNetwork, buildChain, type ChainPlan } from '../../bench/chain-builder.ts';
import { median, medianRatio, alternate } from '../../bench/framework/measure.ts';
import { keyPool, MAX_POOL_KEYS } from '../../bench/key-pool.ts';

async function blocksOf(plan: ChainPlan): Promise<DecodedBlock[]> {
  const blocks: DecodedBlock[] = [];
  for await (const block of buildChain(plan)) blocks.push(block);
  return blocks;
}

const PLAN: ChainPlan = { blocks: 3, transactionsPerBlock: 20, accounts: 70 };

describe('chain builder', () => {
  it('makes the same valid chain in every run', async () => {
    const blocks = await blocksOf(PLAN);
    expect((await blocksOf(PLAN)).map(({ id }) => id)).toEqual(blocks.map(({ id }) => id));
    // Two blocks of registrations, one funding block, and the requested blocks.
    expect(blocks.map(({ transactions }) => transactions.length)).toEqual([64, 6, 69, 20, 20, 20]);

    const network = benchNetwork();
    const store = SqlChainStore.open(await initSqlJs(), network);
    const clock = { now: () => network.genesisTimeMs + 86_400_000 };
    const chain = await Chain.open({ network, store, verifier: createBigIntVerifier(), clock, log: () => undefined });
    for (const block of blocks) await chain.acceptBlock(block);
    expect(store.header(store.height())?.id).toBe(blocks.at(-1)!.id);
    store.close();
  });

  it('uses filler signatures on request', async () => {
    const blocks = await blocksOf({ ...PLAN, signatures: 'filler' });
    expect(blocks).toHaveLength(6);
    expect(blocks[4]!.transactions[0]!.transaction.signature.every((byte) => byte === 0)).toBe(true);
  });
});

describe('key pool', () => {
  it('holds different keys of exactly 2048 bits that sign', () => {
    const keys = keyPool(MAX_POOL_KEYS);
    expect(new Set(keys.map(({ address }) => address)).size).toBe(MAX_POOL_KEYS);
    expect(keys.every(({ modulus }) => modulus.length === 256 && modulus[0]! >= 0x80)).toBe(true);
    expect(() => keyPool(MAX_POOL_KEYS + 1)).toThrow(RangeError);
    const { privateKey } = keys[17]!;
    const publicKey = createPublicKey(privateKey);
    expect(publicKey.asymmetricKeyDetails).toEqual({ modulusLength: 2048, publicExponent: 65537n });
    const message = Buffer.from('signed by the pool');
    expect(verify('sha256', message, publicKey, sign('sha256', message, privateKey))).toBe(true);
  });
});

describe('measuring', () => {
  it('runs all contestants in every round, and compares within rounds', async () => {
    const order: string[] = [];
    const contestant = (name: string, rates: number[]) => () => {
      order.push(name);
      return rates.shift()!;
    };
    // The machine slows down, but the ratio stays.
    const samples = await alternate({ slow: contestant('slow', [2, 1, 0.5]), fast: contestant('fast', [6, 3, 1.5]) }, 3);
    expect(order).toEqual(['slow', 'fast', 'fast', 'slow', 'slow', 'fast']);
    expect(samples).toEqual({ slow: [2, 1, 0.5], fast: [6, 3, 1.5] });
    expect(medianRatio(samples, 'fast', 'slow')).toBe(3);
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
  });
});
