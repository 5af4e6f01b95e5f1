import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CONTEXT_HEADERS, mostWork } from '../../../src/consensus/difficulty.ts';
import { checkSamples, checkTail, tailStart, type FirstHeader } from '../../../src/consensus/work-proof.ts';
import { sealHeader, type BlockHeader } from '../../../src/protocol/block.ts';
import { createNetwork, type Network } from '../../../src/protocol/network.ts';
import { choosePoints } from '../../../src/protocol/sample-points.ts';
import { SNAPSHOT_DEPTH, SNAPSHOT_EVERY, snapshotHeight } from '../../../src/protocol/snapshot.ts';
import { workOfBits } from '../../../src/protocol/target.ts';
import { MAX_TAIL_HEADERS, type ChainTail, type WorkSamples } from '../../../src/protocol/work-proof.ts';
import { errorCode } from '../../../src/util/errors.ts';
import { testNetwork, TRIVIAL_BITS } from '../../scenarios/support/builders.ts';
import { seededRandom } from '../net/support/test-node.ts';
import { HeaderChain, type GrowOptions } from './support/header-chain.ts';

const network = testNetwork();
const T = network.blockTimeMs;
/** Gaps around the block time, now and then a long wait. */
const gapMs = (height: number): number => (height % 97 === 0 ? 20 * T : 1 + ((height * 7_919) % (2 * T)) + T / 8);
const chain = new HeaderChain(network).grow(700, { gapMs });
const TIP = 700;

function outcome(check: () => unknown): string {
  try {
    check();
  } catch (error) {
    return errorCode(error);
  }
  return 'passed';
}

const checked = (line: HeaderChain, tail = line.tail(), of: Network = network): string => outcome(() => checkTail(of, line.tip.id, tail));

describe('a tail', () => {
  test('shows the snapshot block, its context and history, and the claimed work', () => {
    fc.assert(
      fc.property(fc.integer({ min: 128, max: TIP }), (height) => {
        const tail = chain.tail(height);
        const { base, tip, work, first } = checkTail(network, chain.headers[height]!.id, tail);
        const at = snapshotHeight(height);
        expect(tip).toBe(chain.headers[height]);
        expect(base.headers).toEqual(chain.headers.slice(at - 33, at + 1));
        expect(base.history).toEqual(chain.histories[at + 1]);
        expect(base.history.root).toEqual(chain.headers[at + 1]!.header.historyRoot);
        expect(work).toBe(chain.histories[height + 1]!.work);
        const history = chain.histories[at - 33]!;
        expect(first).toEqual({ id: chain.headers[at - 33]!.id, size: at - 33, root: history.root, work: history.work });
      }),
      { numRuns: 40 },
    );
  });

  test('has at most as many headers as the wire allows, and exists from the first snapshot on', () => {
    expect(MAX_TAIL_HEADERS).toBe(CONTEXT_HEADERS + SNAPSHOT_DEPTH + SNAPSHOT_EVERY - 1);
    expect(tailStart(SNAPSHOT_DEPTH + SNAPSHOT_EVERY - 1)).toBeNull();
    for (let height = SNAPSHOT_DEPTH + SNAPSHOT_EVERY; height < 600; height++) {
      const count = height - tailStart(height)! + 1;
      expect(count).toBeGreaterThan(CONTEXT_HEADERS + SNAPSHOT_DEPTH - 1);
      expect(count).toBeLessThanOrEqual(MAX_TAIL_HEADERS);
    }
  });

  const good = chain.tail();
  const [peak, ...otherPeaks] = good.history;
  const withPeaks = (...history: ChainTail['history']): ChainTail => ({ ...good, history });
  const root = new Uint8Array(32);

  test.each<[string, string, ChainTail]>([
    ['no headers', 'work-proof-wrong', { headers: [], history: [] }],
    ['another tip', 'work-proof-wrong', chain.tail(TIP - 1)],
    ['a header too few', 'work-proof-wrong', { ...good, headers: good.headers.slice(1) }],
    ['a header too many', 'work-proof-wrong', { ...good, headers: chain.headers.slice(tailStart(TIP)! - 1) }],
    ['a gap', 'work-proof-wrong', { ...good, headers: good.headers.toSpliced(50, 1) }],
    ['a header twice', 'previous-wrong', { ...good, headers: good.headers.with(10, good.headers[9]!) }],
    ['a subtree too few', 'work-proof-wrong', withPeaks(...otherPeaks)],
    ['a subtree too many', 'work-proof-wrong', withPeaks(...good.history, peak!)],
    ['less work than its number of blocks needs', 'work-proof-wrong', withPeaks(...good.history.map(({ hash }) => ({ hash, work: 1n })))],
    ['no subtrees', 'work-proof-wrong', withPeaks()],
    ['another hash of a subtree', 'history-root-wrong', withPeaks({ ...peak!, hash: root }, ...otherPeaks)],
    ['more work of a subtree', 'history-root-wrong', withPeaks({ ...peak!, work: peak!.work + 1n }, ...otherPeaks)],
    ['subtrees in another order', 'history-root-wrong', withPeaks(...otherPeaks, peak!)],
    ['more work than there can be', 'work-proof-wrong', withPeaks({ ...peak!, work: (1n << 256n) - 1n }, ...otherPeaks)],
  ])('with %s is refused: %s', (_, code, tail) => {
    expect(checked(chain, tail)).toBe(code);
  });

  test('of a chain that is too short is refused', () => {
    const short = chain.upTo(127);
    const headers = short.headers.slice(31);
    expect(outcome(() => checkTail(network, short.tip.id, { headers, history: short.histories[31]!.peaks }))).toBe('work-proof-wrong');
    expect(checked(chain.upTo(128))).toBe('passed');
  });

  const easy = { header: { bits: TRIVIAL_BITS } };
  const hard = 0x1f3fffff;
  /** The last header of the context is at 576, and the first at 543. */
  const BASE = snapshotHeight(TIP);

  test.each<[string, string, number, GrowOptions]>([
    ['no seal, in the context', 'seal-above-target', BASE - 20, { ...easy, sealed: false }],
    ['no seal, above', 'seal-above-target', BASE + 20, { sealed: false }],
    ['an easier target than the network allows, in the context', 'bits-wrong', BASE - 20, { header: { bits: 0x2100ffff } }],
    ['another target than the rule gives, above', 'bits-wrong', BASE + 20, { header: { bits: 0x207ffffe } }],
    ['more work than the blocks before can have led to, in the context', 'bits-wrong', BASE - 20, { header: { bits: hard } }],
    ['the time of its parent, in the context', 'time-not-after-parent', BASE - 20, { ...easy, gapMs: () => 0 }],
    ['the time of its parent, above', 'time-not-after-parent', BASE + 20, { gapMs: () => 0, header: { bits: TRIVIAL_BITS } }],
    ['another version, in the context', 'version-unsupported', BASE - 20, { header: { version: 3, bits: TRIVIAL_BITS } }],
    ['another version, at its start', 'version-unsupported', BASE - 33, { header: { version: 3, bits: TRIVIAL_BITS } }],
    ['another parent, in the context', 'previous-wrong', BASE - 20, { header: { previous: '77'.repeat(32), bits: TRIVIAL_BITS } }],
    ['another history, in the context', 'history-root-wrong', BASE - 20, { header: { historyRoot: root, bits: TRIVIAL_BITS } }],
    ['another history, above', 'history-root-wrong', BASE + 20, { header: { historyRoot: root } }],
    ['more work in the history than its own, in the context', 'history-root-wrong', BASE - 20, { ...easy, claim: 9_999n }],
    ['more work in the history than its own, above', 'history-root-wrong', BASE + 20, { claim: 9_999n }],
  ])('with a block that has %s is refused: %s', (_, code, height, options) => {
    const line = chain.upTo(height - 1).grow(1, options);
    // The blocks of the context are not checked against the rule for targets.
    line.grow(BASE - Math.min(BASE, height), easy).grow(TIP - line.tip.header.height);
    expect(checked(line)).toBe(code);
  });

  test('with a target that is none is refused', () => {
    const { header } = good.headers[5]!;
    const headers = good.headers.with(5, sealHeader({ ...header, bits: 0 }, new Uint8Array(20)));
    expect(checked(chain, { ...good, headers })).toBe('bits-non-canonical');
  });
});

describe('samples', () => {
  const size = tailStart(TIP)!;
  const firstOf = (line: HeaderChain, count = size): FirstHeader => {
    const { root, work } = line.histories[count]!;
    return { id: line.headers[count]?.id ?? '', size: count, root, work };
  };
  const first = firstOf(chain);
  const sampled = (given: WorkSamples, points: readonly bigint[], of = first, by: Network = network): string =>
    outcome(() => checkSamples(by, of, points, given));

  test('that an honest node makes pass, for any history and any points', () => {
    const points = fc
      .uniqueArray(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { minLength: 0, maxLength: 64 })
      .map((list) => [0n, ...list.filter((point) => point !== 0n).sort((a, b) => (a < b ? -1 : 1))].slice(0, 64));
    fc.assert(
      fc.property(fc.integer({ min: 2, max: size }), points, (count, wanted) => {
        expect(sampled(chain.samples(count, wanted), wanted, firstOf(chain, count))).toBe('passed');
      }),
      { numRuns: 30 },
    );
    const edges = [0n, 1n, 2n ** 64n - 1n];
    expect(chain.samples(size, edges).headers.map(({ header }) => header.height)).toEqual([1, size - 1]);
    expect(sampled(chain.samples(size, edges), edges)).toBe('passed');
    expect(sampled(chain.samples(size, []), [])).toBe('passed');
  });

  /** Points in the middle of the blocks at these heights. */
  const pointsAt = (line: HeaderChain, ...heights: number[]): bigint[] =>
    heights.map((height) => ((line.histories[height]!.work * 2n + line.works[height]!) << 63n) / line.histories[size]!.work);
  const heights = [3, 77, 300, 301, size - 1];
  const points = pointsAt(chain, ...heights);
  const good = chain.samples(size, points);
  const altered = (at: number, change: { hash?: Uint8Array; work?: bigint }): WorkSamples => ({
    ...good,
    nodes: good.nodes.with(at, { ...good.nodes[at]!, ...change }),
  });

  test('have the blocks of their points', () => {
    expect(good.headers.map(({ header }) => header.height)).toEqual(heights);
    expect(sampled(good, points)).toBe('passed');
  });

  test.each<[string, WorkSamples]>([
    ['without a block', chain.samplesAt(size, heights.slice(1))],
    ['without the last block', chain.samplesAt(size, heights.slice(0, -1))],
    ['without blocks', chain.samplesAt(size, [])],
    ['with a block too many', chain.samplesAt(size, [3, 50, 77, 300, 301, size - 1])],
    ['with a last block too many', chain.samplesAt(size, [3, 77, 300, 301, size - 2, size - 1])],
    ['with the neighbour of a block', chain.samplesAt(size, [3, 78, 300, 301, size - 1])],
    ['with genesis as a block', chain.samplesAt(size, [0, ...heights])],
    ['with a block twice', { ...good, headers: good.headers.toSpliced(1, 0, good.headers[1]!) }],
    ['with blocks in another order', { ...good, headers: good.headers.toReversed() }],
    ['with a block of the tail', { ...good, headers: good.headers.with(4, chain.headers[size]!) }],
    ['with another block in place of a block', { ...good, headers: good.headers.with(1, chain.headers[78]!) }],
    ['with a subtree too few', { ...good, nodes: good.nodes.slice(1) }],
    ['with a subtree too many', { ...good, nodes: [...good.nodes, good.nodes[0]!] }],
    ['without subtrees', { ...good, nodes: [] }],
    ['with subtrees in another order', { ...good, nodes: good.nodes.toReversed() }],
    ['with another hash', altered(4, { hash: new Uint8Array(32) })],
    ['with more work in a subtree', altered(4, { work: good.nodes[4]!.work + 1n })],
    ['with more work than there can be', altered(4, { work: (1n << 256n) - 1n })],
    ['of a shorter history', chain.samples(size - 1, points)],
  ])('%s are refused', (_, given) => {
    expect(sampled(given, points)).toBe('work-proof-wrong');
  });

  test('of another network are refused, though all else is right', () => {
    const other = createNetwork({ ...network, label: 'other' });
    expect(sampled(good, points, first, other)).toBe('work-proof-wrong');
    // Its blocks in a history that begins with this network's genesis: each names its own history.
    const foreign = new HeaderChain(other).grow(size - 1);
    const line = new HeaderChain(network);
    for (const sealed of foreign.headers.slice(1)) line.append(sealed);
    expect(sampled(line.samplesAt(size, heights), pointsAt(line, ...heights), firstOf(line))).toBe('history-root-wrong');
  });

  const easy = { header: { bits: TRIVIAL_BITS } };
  const header = (fields: Partial<BlockHeader>): GrowOptions => ({ header: { bits: TRIVIAL_BITS, ...fields } });

  test.each<[string, string, GrowOptions]>([
    ['no seal', 'seal-above-target', { ...easy, sealed: false }],
    ['more work in the history than its target gives', 'work-proof-wrong', { ...easy, claim: 10n }],
    ['less work in the history than its target gives', 'work-proof-wrong', { ...easy, claim: 1n }],
    ['an easier target than the network allows', 'bits-wrong', header({ bits: 0x2100ffff })],
    ['more work than the blocks before can have led to', 'bits-wrong', header({ bits: 0x1f3fffff })],
    ['more work than that, and no seal', 'seal-above-target', { ...header({ bits: 0x1d00ffff }), sealed: false }],
    ['another height', 'work-proof-wrong', header({ height: 301 })],
    ['another version', 'version-unsupported', header({ version: 1 })],
    ['another history', 'history-root-wrong', header({ historyRoot: new Uint8Array(32) })],
  ])('of a block that has %s are refused: %s', (_, code, options) => {
    const line = chain
      .upTo(299)
      .grow(1, options)
      .grow(size - 301, easy);
    const wanted = pointsAt(line, 3, 300, 320);
    expect(sampled(line.samplesAt(size, [3, 300, 320]), wanted, firstOf(line))).toBe(code);
  });

  test('find invented blocks, all in one run or anywhere', () => {
    const fake = { ...easy, sealed: false };
    const run = chain
      .upTo(200)
      .grow(250, fake)
      .grow(TIP - 450, easy);
    const anywhere = chain.upTo(200);
    while (anywhere.tip.header.height < TIP)
      anywhere.grow(1, anywhere.tip.header.height % 2 === 0 && anywhere.tip.header.height < 540 ? fake : easy);
    for (const line of [run, anywhere]) {
      for (let seed = 0; seed < 10; seed++) {
        const shares = { first: { work: line.histories[size]!.work }, work: line.histories[TIP + 1]!.work };
        const chosen = choosePoints(seededRandom(String(seed)), shares)!;
        const groups = [chosen.slice(0, 64), chosen.slice(64)];
        const found = groups.map((group) => sampled(line.samples(size, group), group, firstOf(line)));
        expect(found).toContain('seal-above-target');
      }
    }
  });
});

test('no chain that obeys the rule for targets has a block with more work than the bound for samples', () => {
  const fast = testNetwork({ startBits: 0x1f00ffff, powLimitBits: 0x1f7fffff });
  const gaps = fc.array(fc.oneof(fc.constantFrom(1, 1, 1, 30 * T), fc.integer({ min: 1, max: 30 * T })), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(gaps, (list) => {
      const line = new UnsealedChain(fast);
      for (let round = 0; round < 8; round++) for (const gap of list) line.add(gap);
    }),
    { numRuns: 40 },
  );
  // As fast as possible: the bound holds, and is not far above.
  const line = new UnsealedChain(fast);
  for (let height = 1; height <= 600; height++) line.add(1);
  expect(Number(line.last) / Number(mostWork(fast, line.work - line.last))).toBeGreaterThan(0.9);
});

/** Targets by the rule, without seals. */
class UnsealedChain {
  readonly #chain: HeaderChain;
  work = 0n;
  last = 0n;

  constructor(of: Network) {
    this.#chain = new HeaderChain(of);
  }

  add(gap: number): void {
    this.#chain.grow(1, { gapMs: () => gap, sealed: false });
    this.last = workOfBits(this.#chain.tip.header.bits);
    expect(this.last).toBeLessThanOrEqual(mostWork(this.#chain.network, this.work));
    this.work += this.last;
  }
}
