import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBlock, SEALED_HEADER_BYTES, sealBlock, sealHeader, type SealedHeader } from '../../../src/protocol/block.ts';
import type { HistoryNode } from '../../../src/protocol/history.ts';
import { createNetwork } from '../../../src/protocol/network.ts';
import { MAX_CHUNK_ACCOUNTS, type TreeEdge } from '../../../src/protocol/state-proof.ts';
import type { AccountState } from '../../../src/protocol/state-root.ts';
import { MAX_SAMPLE_POINTS, MAX_TAIL_HEADERS } from '../../../src/protocol/work-proof.ts';
import { encodeTransaction, type DecodedTransaction } from '../../../src/protocol/transaction.ts';
import {
  decodeMessage,
  encodeBlockMessage,
  encodeMessage,
  MAX_HEADERS,
  MAX_INVENTORY,
  MAX_LOCATOR_IDS,
  maxMessageBytes,
  shortIdFunction,
  type Message,
} from '../../../src/protocol/wire.ts';
import { PROTOCOL_VERSION } from '../../../src/protocol/version.ts';
import { errorCode } from '../../../src/util/errors.ts';

const network = createNetwork({ label: 'wire' });
const MAX_BLOCK = network.maxBlockBytes;

function transfer(nonce: number): DecodedTransaction {
  return encodeTransaction({
    kind: 'transfer',
    networkTag: 7,
    sender: '1'.repeat(40),
    recipient: '2'.repeat(40),
    amount: 5,
    fee: 1,
    nonce,
    memo: { kind: 'plain', text: 'wire' },
    signature: new Uint8Array(256).fill(nonce),
  });
}

function header(height: number): SealedHeader {
  return sealHeader({ ...network.genesis.header, height, previous: 'ab'.repeat(32) }, new Uint8Array(20).fill(height));
}

const id = (n: number): string => n.toString(16).padStart(64, '0');
const tip = { height: 9, tip: id(77), work: 2n ** 255n + 1n, base: 8 };
const block = sealBlock(header(3).header, new Uint8Array(20), [transfer(1), transfer(2)]);

const node = (work: bigint): HistoryNode => ({ hash: new Uint8Array(32).fill(3), work });
const edge = (bit: number): TreeEdge => ({ bit, hash: new Uint8Array(32).fill(bit) });
const paid: AccountState = { address: 'ab'.repeat(20), balance: 5, nonce: 0, registration: null };

const SAMPLES: Message[] = [
  { type: 'hello', networkId: network.id, peerId: '0123456789abcdef', agent: 'tabchain/é', ...tip, clockMs: 1_767_225_600_001 },
  { type: 'ping', nonce: 0xffffffff, ...tip },
  { type: 'pong', nonce: 0, clockMs: 0 },
  { type: 'getHeaders', locator: [id(1), id(2)] },
  { type: 'getHeaders', locator: [] },
  { type: 'headers', headers: [header(1), header(2)] },
  { type: 'inventory', kind: 'transaction', ids: [id(1)] },
  { type: 'inventory', kind: 'block', ids: [] },
  { type: 'getData', kind: 'block', ids: [id(3), id(1)] },
  { type: 'notFound', kind: 'transaction', ids: [id(3)] },
  { type: 'block', block },
  { type: 'transaction', transaction: transfer(3) },
  {
    type: 'compactBlock',
    sealed: header(4),
    salt: new Uint8Array(8).fill(9),
    shortIds: [0, 2 ** 48 - 1, 5],
    prefilled: [
      { index: 1, transaction: transfer(4) },
      { index: 4, transaction: transfer(5) },
    ],
  },
  { type: 'compactBlock', sealed: header(4), salt: new Uint8Array(8), shortIds: [], prefilled: [] },
  { type: 'getBlockTransactions', blockId: id(8), indexes: [0, 5, 700] },
  { type: 'blockTransactions', blockId: id(8), transactions: [transfer(6)] },
  { type: 'getMempool' },
  { type: 'bye', reason: 'network' },
  { type: 'getTail', tip: id(1) },
  { type: 'tail', tip: id(1), tail: { headers: [header(1), header(2)], history: [node(0n), node(2n ** 256n - 1n)] } },
  { type: 'tail', tip: id(1), tail: null },
  { type: 'getSamples', before: id(1), points: [0n, 5n, 2n ** 64n - 1n] },
  { type: 'samples', before: id(1), samples: { headers: [header(1)], nodes: [node(1n), node(255n), node(256n)] } },
  { type: 'samples', before: id(1), samples: null },
  { type: 'getAccounts', block: id(2), from: new Uint8Array(32).fill(7) },
  { type: 'accounts', block: id(2), from: new Uint8Array(32), chunk: { accounts: [paid], left: [edge(5), edge(1)], right: [edge(0)] } },
  { type: 'accounts', block: id(2), from: new Uint8Array(32), chunk: null },
  {
    type: 'experiment',
    kind: 'transaction',
    account: 'ab'.repeat(20),
    signature: new Uint8Array(256).fill(9),
    bytes: new Uint8Array(5).fill(7),
  },
  { type: 'experiment', kind: 'block', account: 'cd'.repeat(20), signature: new Uint8Array(256), bytes: new Uint8Array(0) },
  { type: 'verdict', offer: id(5), code: 'balance-insufficient' },
  { type: 'verdict', offer: id(5), code: '' },
];

function codeOf(bytes: Uint8Array, maxBlockBytes = MAX_BLOCK): string {
  try {
    decodeMessage(bytes, maxBlockBytes);
  } catch (error) {
    return errorCode(error);
  }
  return 'decoded';
}

describe('wire messages', () => {
  it.each(SAMPLES.map((message) => [message.type, message] as const))('%s decodes to what was encoded', (_type, message) => {
    const bytes = encodeMessage(message);
    const decoded = decodeMessage(bytes, MAX_BLOCK);
    expect(encodeMessage(decoded)).toEqual(bytes);
    if (message.type !== 'compactBlock') expect(decoded).toEqual(message);
  });

  it.each(SAMPLES.map((message) => [message.type, message] as const))(
    '%s is refused when truncated or followed by other bytes',
    (_type, message) => {
      const bytes = encodeMessage(message);
      for (let length = 0; length < bytes.length; length++) expect(codeOf(bytes.subarray(0, length))).toMatch(/^encoding-/);
      expect(codeOf(Uint8Array.of(...bytes, 0))).toMatch(/^encoding-/);
    },
  );

  it('decodes nothing that does not encode back to the same bytes', () => {
    const mutated = fc.tuple(fc.constantFrom(...SAMPLES), fc.nat(), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(mutated, ([message, at, change]) => {
        const bytes = encodeMessage(message);
        bytes[at % bytes.length]! ^= change;
        let decoded: Message;
        try {
          decoded = decodeMessage(bytes, MAX_BLOCK);
        } catch (error) {
          expect(errorCode(error)).toMatch(/^encoding-|^protocol-version$/);
          return;
        }
        expect(encodeMessage(decoded)).toEqual(bytes);
      }),
      { numRuns: 2_000 },
    );
  });

  it('survives arbitrary bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void codeOf(bytes)));
  });

  it('wraps stored block bytes without decoding them', () => {
    expect(encodeBlockMessage(encodeBlock(block))).toEqual(encodeMessage({ type: 'block', block }));
  });

  it('refuses a hello of another version before reading the rest', () => {
    const bytes = encodeMessage(SAMPLES[0]!);
    bytes[2] = PROTOCOL_VERSION + 1;
    expect(codeOf(bytes.subarray(0, 3))).toBe('protocol-version');
  });

  it('bounds every list', () => {
    /** Type (and kind), then a count and that many items of zeros. */
    const list = (start: readonly number[], count: number, itemBytes: number): Uint8Array =>
      Uint8Array.of(...start, count >> 8, count & 255, ...new Uint8Array(count * itemBytes));
    expect(codeOf(list([3], MAX_LOCATOR_IDS, 32))).toBe('decoded');
    expect(codeOf(list([3], MAX_LOCATOR_IDS + 1, 32))).toBe('encoding-too-long');
    expect(codeOf(list([5, 1], MAX_INVENTORY, 32))).toBe('decoded');
    expect(codeOf(list([5, 1], MAX_INVENTORY + 1, 32))).toBe('encoding-too-long');
    expect(codeOf(list([4], MAX_HEADERS, SEALED_HEADER_BYTES))).toBe('decoded');
    expect(codeOf(list([4], MAX_HEADERS + 1, SEALED_HEADER_BYTES))).toBe('encoding-too-long');
    const id32 = new Uint8Array(32);
    expect(codeOf(list([16, ...id32, 1], MAX_TAIL_HEADERS + 1, SEALED_HEADER_BYTES))).toBe('encoding-too-long');
    expect(codeOf(list([17, ...id32], MAX_SAMPLE_POINTS + 1, 8))).toBe('encoding-too-long');
    expect(codeOf(list([18, ...id32, 1], MAX_SAMPLE_POINTS + 1, SEALED_HEADER_BYTES))).toBe('encoding-too-long');
    expect(codeOf(list([18, ...id32, 1, 0, 0], 65 * 32, 33))).toBe('decoded');
    expect(codeOf(list([18, ...id32, 1, 0, 0], 65 * 32 + 1, 33))).toBe('encoding-too-long');
    expect(codeOf(list([20, ...id32, ...id32, 1], MAX_CHUNK_ACCOUNTS + 1, 37))).toBe('encoding-too-long');
    const shortIds = Array.from({ length: 13 }, (_, n) => n);
    const compact: Message = { type: 'compactBlock', sealed: header(1), salt: new Uint8Array(8), shortIds, prefilled: [] };
    expect(codeOf(encodeMessage(compact), 13 * 322)).toBe('decoded');
    expect(codeOf(encodeMessage(compact), 12 * 322)).toBe('encoding-too-long');
    expect(codeOf(encodeMessage({ type: 'block', block }), block.size - 1)).toBe('block-oversized');
    expect(codeOf(encodeMessage({ type: 'block', block }), block.size)).toBe('decoded');
  });

  it('refuses positions out of order or outside the block, and unknown codes', () => {
    /** A message with one changed byte. */
    const altered = (message: Message, at: number, value: number): Uint8Array => {
      const bytes = encodeMessage(message);
      bytes[at] = value;
      return bytes;
    };
    const question = encodeMessage({ type: 'getBlockTransactions', blockId: id(1), indexes: [3, 4] });
    question[question.length - 1] = 3;
    expect(codeOf(question)).toBe('encoding-non-canonical');
    const compact = { type: 'compactBlock' as const, sealed: header(1), salt: new Uint8Array(8) };
    const outside: Message = { ...compact, shortIds: [1], prefilled: [{ index: 1, transaction: transfer(1) }] };
    // The index's last byte follows type, header, salt, two counts and the short ids.
    const index = 1 + SEALED_HEADER_BYTES + 8 + 2 + 2 + 1;
    expect(codeOf(altered(outside, index + 6, 1))).toBe('decoded');
    expect(codeOf(altered(outside, index + 6, 2))).toBe('encoding-non-canonical');
    const alone: Message = { ...compact, shortIds: [], prefilled: [{ index: 0, transaction: transfer(1) }] };
    expect(codeOf(altered(alone, index, 0))).toBe('decoded');
    expect(codeOf(altered(alone, index, 1))).toBe('encoding-non-canonical');
    expect(codeOf(Uint8Array.of(250))).toBe('encoding-non-canonical');
    expect(codeOf(Uint8Array.of(14, 99))).toBe('encoding-non-canonical');
    const points = encodeMessage({ type: 'getSamples', before: id(1), points: [1n, 2n] });
    expect(codeOf(points.with(points.length - 1, 1))).toBe('encoding-non-canonical');
    expect(codeOf(encodeMessage({ type: 'tail', tip: id(1), tail: null }).with(33, 2))).toBe('encoding-non-canonical');
  });

  it('never makes a message longer than the bound that links reserve', () => {
    const bound = maxMessageBytes(MAX_BLOCK);
    const headers = Array.from({ length: MAX_HEADERS }, () => header(1));
    const ids = Array.from({ length: MAX_INVENTORY }, (_, n) => id(n));
    expect(encodeMessage({ type: 'headers', headers }).length).toBeLessThanOrEqual(bound);
    expect(encodeMessage({ type: 'inventory', kind: 'block', ids }).length).toBeLessThanOrEqual(bound);
    expect(bound).toBeGreaterThan(MAX_BLOCK);
  });
});

describe('short ids', () => {
  it('have 48 bits and depend on header and salt', () => {
    const salt = new Uint8Array(8).fill(1);
    const one = shortIdFunction(header(1), salt)(id(5));
    expect(one).toBeLessThan(2 ** 48);
    expect(shortIdFunction(header(1), salt)(id(5))).toBe(one);
    expect(shortIdFunction(header(1), salt)(id(6))).not.toBe(one);
    expect(shortIdFunction(header(2), salt)(id(5))).not.toBe(one);
    expect(shortIdFunction(header(1), new Uint8Array(8))(id(5))).not.toBe(one);
  });
});
