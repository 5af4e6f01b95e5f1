import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeBlock,
  encodeBlock,
  SEALED_HEADER_BYTES,
  sealBlock,
  sealHeader,
  transactionSlices,
  type SealedHeader,
} from '../../../src/protocol/block.ts';
import type { HistoryNode } from '../../../src/protocol/history.ts';
import { MAX_HISTORY_PROOF_NODES } from '../../../src/protocol/history-proof.ts';
import { createNetwork, LARGEST_BLOCK_BYTES } from '../../../src/protocol/network.ts';
import { MAX_CHUNK_ACCOUNTS } from '../../../src/protocol/state-proof.ts';
import { encodeTransaction, MIN_TRANSACTION_BYTES, type DecodedTransaction } from '../../../src/protocol/transaction.ts';
import {
  BYE_REASONS,
  decodeMessage,
  encodeBlockTransactionsMessage,
  encodeMessage,
  MAX_AGENT_BYTES,
  MAX_HEADERS,
  MAX_INVENTORY,
  MAX_LOCATOR_IDS,
  maxBlockTransactions,
  maxMessageBytes,
  type CompactBlockMessage,
  type Message,
} from '../../../src/protocol/wire.ts';
import { MAX_CODE_BYTES, MAX_OFFER_BYTES } from '../../../src/protocol/wire-experiment.ts';
import { MAX_SAMPLE_POINTS, MAX_TAIL_HEADERS } from '../../../src/protocol/work-proof.ts';
import { Reassembler, toFrames } from '../../../src/net/framing.ts';
import { toHex, utf8 } from '../../../src/util/bytes.ts';
import { errorCode } from '../../../src/util/errors.ts';
import { accounts, bytesOf, headers, registrations, transfers } from './support/arbitraries.ts';

/** Block limits of networks: the smallest, a middle one, and the largest. */
const SMALLEST_BLOCK_BYTES = 4_096;
const sizes = fc.constantFrom(SMALLEST_BLOCK_BYTES, 262_144, LARGEST_BLOCK_BYTES);

const ids = bytesOf(32).map(toHex);
const u32 = fc.oneof(fc.nat({ max: 0xffffffff }), fc.constantFrom(0, 0xffffffff));
const u53 = fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, Number.MAX_SAFE_INTEGER));
const works = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }), fc.constantFrom(0n, 2n ** 256n - 1n));
const tips = { height: u32, tip: ids, work: works, base: u32 };
const kinds = fc.constantFrom('transaction' as const, 'block' as const);
const sealed: fc.Arbitrary<SealedHeader> = fc.tuple(headers, bytesOf(20)).map(([header, nonce]) => sealHeader(header, nonce));
const transactions: fc.Arbitrary<DecodedTransaction> = fc
  .oneof(transfers, registrations)
  .map((transaction) => encodeTransaction(transaction));
const agents = fc.string({ unit: 'grapheme', maxLength: MAX_AGENT_BYTES }).filter((text) => utf8(text).length <= MAX_AGENT_BYTES);
const shortIds = fc.array(fc.oneof(fc.nat({ max: 2 ** 48 - 1 }), fc.constantFrom(0, 2 ** 48 - 1)), { maxLength: 8 });

/** Compact blocks with some of their transactions prefilled. */
const compactBlocks: fc.Arbitrary<CompactBlockMessage> = fc
  .tuple(sealed, bytesOf(8), shortIds, fc.array(transactions, { maxLength: 4 }), fc.infiniteStream(fc.nat()))
  .map(([header, salt, short, sent, chance]) => {
    const places = Array.from({ length: short.length + sent.length }, (_, index) => index);
    while (places.length > sent.length) places.splice(chance.next().value % places.length, 1);
    const prefilled = sent.map((transaction, i) => ({ index: places[i]!, transaction }));
    return { type: 'compactBlock', sealed: header, salt, shortIds: short, prefilled };
  });

const nodes = fc.array(fc.record({ hash: bytesOf(32), work: works }), { maxLength: 6 });
const someHeaders = fc.array(sealed, { maxLength: 4 });
const edges = fc
  .uniqueArray(fc.record({ bit: fc.nat({ max: 255 }), hash: bytesOf(32) }), { selector: ({ bit }) => bit, maxLength: 6 })
  .map((list) => list.sort((a, b) => b.bit - a.bit));
const points = fc
  .uniqueArray(fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.constantFrom(0n, 2n ** 64n - 1n)), { maxLength: 8 })
  .map((list) => list.sort((a, b) => (a < b ? -1 : 1)));
const tails = fc.record({ headers: someHeaders, history: nodes });
const samples = fc.record({ headers: someHeaders, nodes });
const chunks = fc.record({ accounts: fc.array(accounts, { maxLength: 3 }), left: edges, right: edges });

/** The messages of a newcomer that fetches a recent chain, and the answers. */
const joinMessages: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ type: fc.constant('getTail' as const), tip: ids }),
  fc.record({ type: fc.constant('tail' as const), tip: ids, tail: fc.option(tails) }),
  fc.record({ type: fc.constant('getSamples' as const), before: ids, points }),
  fc.record({ type: fc.constant('samples' as const), before: ids, samples: fc.option(samples) }),
  fc.record({ type: fc.constant('getAccounts' as const), block: ids, from: bytesOf(32) }),
  fc.record({ type: fc.constant('accounts' as const), block: ids, from: bytesOf(32), chunk: fc.option(chunks) }),
);

const messages: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ type: fc.constant('hello' as const), networkId: ids, peerId: bytesOf(8).map(toHex), agent: agents, ...tips, clockMs: u53 }),
  fc.record({ type: fc.constant('ping' as const), nonce: u32, ...tips }),
  fc.record({ type: fc.constant('pong' as const), nonce: u32, clockMs: u53 }),
  fc.record({ type: fc.constant('getHeaders' as const), locator: fc.array(ids, { maxLength: MAX_LOCATOR_IDS }) }),
  fc.record({ type: fc.constant('headers' as const), headers: fc.array(sealed, { maxLength: 4 }) }),
  fc.record({
    type: fc.constantFrom('inventory', 'getData', 'notFound'),
    kind: kinds,
    ids: fc.array(ids, { maxLength: 20 }),
  }) as fc.Arbitrary<Message>,
  fc
    .tuple(sealed, fc.array(transactions, { maxLength: 4 }))
    .map(([{ header, nonce }, of]): Message => ({ type: 'block', block: sealBlock(header, nonce, of) })),
  fc.record({ type: fc.constant('transaction' as const), transaction: transactions }),
  compactBlocks,
  fc.record({
    type: fc.constant('getBlockTransactions' as const),
    blockId: ids,
    indexes: fc.uniqueArray(fc.nat({ max: 0xffff }), { maxLength: 12 }).map((indexes) => indexes.sort((a, b) => a - b)),
  }),
  fc.record({ type: fc.constant('blockTransactions' as const), blockId: ids, transactions: fc.array(transactions, { maxLength: 4 }) }),
  fc.constant<Message>({ type: 'getMempool' }),
  joinMessages,
  fc.record({
    type: fc.constant('experiment' as const),
    kind: kinds,
    account: bytesOf(20).map(toHex),
    signature: bytesOf(256),
    bytes: fc.uint8Array({ maxLength: 600 }),
  }),
  fc.record({ type: fc.constant('verdict' as const), offer: ids, code: fc.stringMatching(/^[a-z0-9-]{0,48}$/) }),
  fc.record({ type: fc.constant('bye' as const), reason: fc.constantFrom(...BYE_REASONS) }),
);

/** The message that arrives at the other end of a link. */
function throughLink(bytes: Uint8Array, maxBlockBytes: number): Uint8Array | null {
  const reassembler = new Reassembler(maxMessageBytes(maxBlockBytes));
  return toFrames(bytes).reduce<Uint8Array | null>((_, frame) => reassembler.add(frame), null);
}

function outcome(message: Message, maxBlockBytes: number): string {
  let bytes: Uint8Array;
  try {
    bytes = encodeMessage(message);
  } catch (error) {
    return `not encoded: ${errorCode(error)}`;
  }
  try {
    const decoded = decodeMessage(throughLink(bytes, maxBlockBytes)!, maxBlockBytes);
    return Buffer.compare(encodeMessage(decoded), bytes) === 0 ? 'the same' : 'something else';
  } catch (error) {
    return `not decoded: ${errorCode(error)}`;
  }
}

describe('every message that can be encoded can be decoded', () => {
  it('for every message, in networks of every size', () => {
    fc.assert(
      fc.property(messages, sizes, (message, maxBlockBytes) => {
        expect(outcome(message, maxBlockBytes)).toBe('the same');
      }),
      { numRuns: 500 },
    );
  });

  const id = (n: number): string => n.toString(16).padStart(64, '0');
  const many = (count: number): string[] => Array.from({ length: count }, (_, n) => id(n));
  const network = createNetwork({ label: 'limits' });
  const header = (n: number): SealedHeader => sealHeader({ ...network.genesis.header, height: n }, new Uint8Array(20));
  const tip = { height: 1, tip: id(1), work: 1n, base: 0 };
  const hello = { type: 'hello' as const, networkId: id(1), peerId: '00'.repeat(8), agent: '', ...tip, clockMs: 0 };
  /** The smallest transaction. */
  const small = (nonce: number): DecodedTransaction =>
    encodeTransaction({
      kind: 'transfer',
      networkTag: 0,
      sender: '1'.repeat(40),
      recipient: '2'.repeat(40),
      amount: 1,
      fee: 0,
      nonce,
      memo: { kind: 'none' },
      signature: new Uint8Array(256),
    });
  const compact = (short: number, prefilled: number): Message => ({
    type: 'compactBlock',
    sealed: header(1),
    salt: new Uint8Array(8),
    shortIds: Array.from({ length: short }, (_, n) => n),
    prefilled: Array.from({ length: prefilled }, (_, index) => ({ index, transaction: small(index) })),
  });
  const largest = (count: number): HistoryNode[] => Array(count).fill({ hash: new Uint8Array(32), work: 2n ** 256n - 1n });
  const tailOf = (count: number, subtrees: number): Message => {
    const tail = { headers: Array.from({ length: count }, (_, n) => header(n)), history: largest(subtrees) };
    return { type: 'tail', tip: id(1), tail };
  };
  const samplesOf = (count: number, subtrees: number): Message => {
    const samples = { headers: Array.from({ length: count }, (_, n) => header(n)), nodes: largest(subtrees) };
    return { type: 'samples', before: id(1), samples };
  };
  const keys = { signingModulus: new Uint8Array(256), encryptionModulus: new Uint8Array(256) };
  const account = { address: 'ab'.repeat(20), balance: 5, nonce: 0, registration: { name: 'a'.repeat(20), ...keys } };
  const chunkOf = (count: number, edges: number): Message => {
    const side = Array.from({ length: edges }, (_, n) => ({ bit: Math.max(0, 255 - n), hash: new Uint8Array(32) }));
    return {
      type: 'accounts',
      block: id(1),
      from: new Uint8Array(32),
      chunk: { accounts: Array(count).fill(account), left: side, right: side },
    };
  };
  const experiment = (bytes: Uint8Array): Message => ({
    type: 'experiment',
    kind: 'block',
    account: 'ab'.repeat(20),
    signature: new Uint8Array(256),
    bytes,
  });
  const TOO_LONG = 'not encoded: encoding-too-long';
  const OUT_OF_RANGE = 'not encoded: integer-out-of-range';

  it.each<[string, (count: number) => Message, number, string]>([
    ['ids of a locator', (n) => ({ type: 'getHeaders', locator: many(n) }), MAX_LOCATOR_IDS, TOO_LONG],
    ['headers', (n) => ({ type: 'headers', headers: Array.from({ length: n }, (_, i) => header(i)) }), MAX_HEADERS, TOO_LONG],
    ['ids of an inventory', (n) => ({ type: 'inventory', kind: 'block', ids: many(n) }), MAX_INVENTORY, TOO_LONG],
    ['ids asked for', (n) => ({ type: 'getData', kind: 'transaction', ids: many(n) }), MAX_INVENTORY, TOO_LONG],
    ['ids not found', (n) => ({ type: 'notFound', kind: 'block', ids: many(n) }), MAX_INVENTORY, TOO_LONG],
    ['headers of a tail', (n) => tailOf(n, 1), MAX_TAIL_HEADERS, TOO_LONG],
    ['subtrees of a tail', (n) => tailOf(MAX_TAIL_HEADERS, n), MAX_HISTORY_PROOF_NODES, TOO_LONG],
    [
      'points',
      (n) => ({ type: 'getSamples', before: id(1), points: many(n).map((text) => BigInt('0x' + text)) }),
      MAX_SAMPLE_POINTS,
      TOO_LONG,
    ],
    ['headers of samples', (n) => samplesOf(n, 1), MAX_SAMPLE_POINTS, TOO_LONG],
    ['subtrees of samples', (n) => samplesOf(MAX_SAMPLE_POINTS, n), 65 * MAX_HISTORY_PROOF_NODES, TOO_LONG],
    ['accounts of a chunk', (n) => chunkOf(n, 256), MAX_CHUNK_ACCOUNTS, TOO_LONG],
    ['edges of a chunk', (n) => chunkOf(MAX_CHUNK_ACCOUNTS, n), 256, TOO_LONG],
    ['bytes of an agent', (n) => ({ ...hello, agent: 'a'.repeat(n) }), MAX_AGENT_BYTES, TOO_LONG],
    ['bytes of an offer', (n) => experiment(new Uint8Array(n)), MAX_OFFER_BYTES, TOO_LONG],
    ['letters of a code', (n) => ({ type: 'verdict', offer: id(1), code: 'a'.repeat(n) }), MAX_CODE_BYTES, TOO_LONG],
    [
      'bytes of an agent in another script',
      (n) => ({ ...hello, agent: '鏈'.repeat(n / 3) + 'a'.repeat(n % 3) }),
      MAX_AGENT_BYTES,
      TOO_LONG,
    ],
  ])('%s: the most allowed, and one more', (_what, make, limit, beyond) => {
    for (const count of [0, 1, limit - 1, limit]) expect(outcome(make(count), SMALLEST_BLOCK_BYTES)).toBe('the same');
    expect(outcome(make(limit + 1), SMALLEST_BLOCK_BYTES)).toBe(beyond);
  });

  it.each<[string, (value: number) => Message, number]>([
    ['the clock of a hello', (clockMs) => ({ ...hello, clockMs }), Number.MAX_SAFE_INTEGER],
    ['the clock of a pong', (clockMs) => ({ type: 'pong', nonce: 0, clockMs }), Number.MAX_SAFE_INTEGER],
    ['the height of a tip', (height) => ({ type: 'ping', nonce: 0, ...tip, height }), 0xffffffff],
    ['the number of a ping', (nonce) => ({ type: 'ping', ...tip, nonce }), 0xffffffff],
  ])('%s: the smallest, the largest, and invalid numbers', (_what, make, greatest) => {
    for (const value of [0, 1, greatest]) expect(outcome(make(value), SMALLEST_BLOCK_BYTES)).toBe('the same');
    for (const value of [-1, 0.5, greatest + 1, NaN, Infinity]) expect(outcome(make(value), SMALLEST_BLOCK_BYTES)).toBe(OUT_OF_RANGE);
  });

  it.each(['Text', 'a b', 'é', '<b>'])('a verdict with %j in place of a code is neither sent nor taken', (code) => {
    expect(outcome({ type: 'verdict', offer: id(1), code }, SMALLEST_BLOCK_BYTES)).toBe('not encoded: encoding-non-canonical');
    const bytes = encodeMessage({ type: 'verdict', offer: id(1), code: 'x'.repeat(utf8(code).length) });
    bytes.set(utf8(code), bytes.length - utf8(code).length);
    expect(() => decodeMessage(bytes, SMALLEST_BLOCK_BYTES)).toThrow(expect.objectContaining({ code: 'encoding-non-canonical' }));
  });

  it('the work of a tip, and fields of the wrong length', () => {
    expect(outcome({ ...hello, work: 2n ** 256n - 1n }, SMALLEST_BLOCK_BYTES)).toBe('the same');
    for (const work of [-1n, 2n ** 256n]) expect(outcome({ ...hello, work }, SMALLEST_BLOCK_BYTES)).toBe(OUT_OF_RANGE);
    for (const wrong of [{ networkId: '00' }, { peerId: '00'.repeat(9) }, { tip: '' }]) {
      expect(outcome({ ...hello, ...wrong }, SMALLEST_BLOCK_BYTES)).toBe('not encoded: invariant-broken');
    }
    expect(outcome({ type: 'getData', kind: 'block', ids: ['00'.repeat(31)] }, SMALLEST_BLOCK_BYTES)).toBe('not encoded: invariant-broken');
    expect(outcome({ ...(compact(1, 0) as CompactBlockMessage), salt: new Uint8Array(7) }, SMALLEST_BLOCK_BYTES)).toBe(
      'not encoded: invariant-broken',
    );
  });

  const mostIn = (maxBlockBytes: number): number => Math.floor((maxBlockBytes - SEALED_HEADER_BYTES - 4) / MIN_TRANSACTION_BYTES);

  it.each([SMALLEST_BLOCK_BYTES, 131_072])(
    'a block full of the smallest transactions, in a network with blocks of %i bytes',
    (maxBlockBytes) => {
      const most = mostIn(maxBlockBytes);
      const all = Array.from({ length: most }, (_, n) => small(n));
      const block = sealBlock(network.genesis.header, new Uint8Array(20), all);
      expect(block.size).toBeGreaterThan(maxBlockBytes - MIN_TRANSACTION_BYTES);
      const whole: Message[] = [
        { type: 'block', block },
        compact(0, most),
        compact(most - 1, 1),
        { type: 'blockTransactions', blockId: id(1), transactions: all },
      ];
      for (const message of whole) expect(outcome(message, maxBlockBytes)).toBe('the same');
      const slices = transactionSlices(encodeBlock(block));
      expect(encodeBlockTransactionsMessage(id(1), slices)).toEqual(encodeMessage(whole.at(-1)!));
    },
  );

  it.each([SMALLEST_BLOCK_BYTES, 262_144, LARGEST_BLOCK_BYTES])(
    'places of a block of %i bytes, and one more than it can have',
    (maxBlockBytes) => {
      const indexes = Array.from({ length: mostIn(maxBlockBytes) }, (_, index) => index);
      expect(outcome({ type: 'getBlockTransactions', blockId: id(1), indexes }, maxBlockBytes)).toBe('the same');
      const limit = maxBlockTransactions(maxBlockBytes);
      expect(limit).toBeGreaterThanOrEqual(indexes.length);
      expect(outcome(compact(limit, 0), maxBlockBytes)).toBe('the same');
      expect(outcome(compact(limit + 1, 0), maxBlockBytes)).toMatch(/encoding-too-long/);
    },
  );

  it('positions out of order, or outside their block, are not even encoded', () => {
    const wrong = 'not encoded: encoding-non-canonical';
    for (const indexes of [
      [1, 1],
      [2, 1],
    ]) {
      expect(outcome({ type: 'getBlockTransactions', blockId: id(1), indexes }, SMALLEST_BLOCK_BYTES)).toBe(wrong);
    }
    const of = (...indexes: number[]): Message => ({
      ...(compact(1, 0) as CompactBlockMessage),
      prefilled: indexes.map((index) => ({ index, transaction: small(index) })),
    });
    for (const message of [of(0, 1), of(0, 2), of(1, 2)]) expect(outcome(message, SMALLEST_BLOCK_BYTES)).toBe('the same');
    for (const message of [of(2), of(1, 0), of(0, 0), of(0, 3)]) expect(outcome(message, SMALLEST_BLOCK_BYTES)).toBe(wrong);
  });
});

it('cuts the exact bytes of a block’s transactions out of the block', () => {
  fc.assert(
    fc.property(sealed, fc.array(transactions, { maxLength: 8 }), ({ header, nonce }, of) => {
      const bytes = encodeBlock(sealBlock(header, nonce, of));
      const expected = decodeBlock(bytes, LARGEST_BLOCK_BYTES).transactions.map((transaction) => transaction.bytes);
      expect(transactionSlices(bytes).map((slice) => slice.slice())).toEqual(expected);
    }),
  );
});
