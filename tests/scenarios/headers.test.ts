import { describe, expect, test } from 'vitest';
import { checkBlock, connectBlock } from '../../src/consensus/block.ts';
import { MAX_REGISTRATIONS_PER_BLOCK } from '../../src/consensus/transactions/registration.ts';
import { isTooFarAhead, maxFutureMs } from '../../src/consensus/header.ts';
import { StateTree } from '../../src/consensus/state-tree.ts';
import { decodeBlock, encodeBlock, sealBlock, sealHeader, type BlockHeader, type DecodedBlock } from '../../src/protocol/block.ts';
import { EMPTY_HISTORY } from '../../src/protocol/history.ts';
import { compactBits, expandBits } from '../../src/protocol/target.ts';
import { errorCode } from '../../src/util/errors.ts';
import {
  BlockBuilder,
  nonceBytes,
  NOBODY,
  registrationOf,
  testAccount,
  testNetwork,
  transferOf,
  type BlockOptions,
  type TestAccount,
} from './support/builders.ts';

const alex = testAccount('alex');
const ming = testAccount('ming');

/** Code of the rule that `run` breaks; 'none' if none. */
function codeOf(run: () => unknown): string {
  try {
    run();
    return 'none';
  } catch (error) {
    return errorCode(error);
  }
}

/**
 * ```
 * genesis ── b1 ── b2 ── (the block under test)
 * ```
 */
function chain(): { b: BlockBuilder; b1: DecodedBlock; b2: DecodedBlock } {
  const b = new BlockBuilder();
  const [b1, b2] = b.extend(b.genesis, 2, { miner: alex }) as [DecodedBlock, DecodedBlock];
  return { b, b1, b2 };
}

describe('headers by name', () => {
  const { b, b1, b2 } = chain();
  const T = b.network.blockTimeMs;
  const { bits, timeMs } = b.next(b2).header;
  const withoutGenesis = [b1, b2].reduce((history, { id }) => history.append(id, 2n), EMPTY_HISTORY);
  const otherWork = b.historyAfter(b1).append(b2.id, 3n);
  const check = (options: BlockOptions): string => codeOf(() => b.check(b.next(b2, options), b2));

  test.each<[string, BlockOptions, string]>([
    ['valid', {}, 'none'],
    ['version zero', { header: { version: 0 } }, 'version-unsupported'],
    ['version of the past', { header: { version: 1 } }, 'version-unsupported'],
    ['version of the future', { header: { version: 3 } }, 'version-unsupported'],
    ['previous is the grandparent', { header: { previous: b1.id } }, 'previous-wrong'],
    ['wrong height: the parent’s', { header: { height: 2 } }, 'height-wrong'],
    ['wrong height: one skipped', { header: { height: 4 } }, 'height-wrong'],
    ['wrong height: the largest', { header: { height: 0xffffffff } }, 'height-wrong'],
    ['time equal to the parent’s', { header: { timeMs: b2.header.timeMs } }, 'time-not-after-parent'],
    ['time before the parent’s', { header: { timeMs: b2.header.timeMs - 1 } }, 'time-not-after-parent'],
    ['time zero', { header: { timeMs: 0 } }, 'time-not-after-parent'],
    ['one millisecond after the parent', { timeMs: b2.header.timeMs + 1 }, 'none'],
    ['wrong bits: easier', { header: { bits: 0x2100ffff } }, 'bits-wrong'],
    ['wrong bits: harder', { header: { bits: 0x200fffff } }, 'bits-wrong'],
    ['wrong bits: one off', { header: { bits: bits - 1 } }, 'bits-wrong'],
    ['hash above target', { badSeal: true }, 'seal-above-target'],
    ['history root: no blocks', { header: { historyRoot: EMPTY_HISTORY.root } }, 'history-root-wrong'],
    ['history root: the parent’s', { header: { historyRoot: b2.header.historyRoot } }, 'history-root-wrong'],
    ['history root: without genesis', { header: { historyRoot: withoutGenesis.root } }, 'history-root-wrong'],
    ['history root: another work', { header: { historyRoot: otherWork.root } }, 'history-root-wrong'],
    ['hash above target hides a wrong history root', { badSeal: true, header: { historyRoot: new Uint8Array(32) } }, 'seal-above-target'],
    ['a far future time keeps all rules, and waits', { timeMs: 2 ** 52 }, 'none'],
  ])('%s', (_, options, code) => {
    expect(check(options)).toBe(code);
  });

  test('bits without a canonical target are refused without a crash', () => {
    for (const wrong of [0, 0xffffffff, 0x1d0000ff, bits | 0x800000]) {
      const sealed = sealHeader({ ...b.next(b2).header, bits: wrong }, nonceBytes(0));
      expect(codeOf(() => b.check(sealed, b2))).toBe('bits-wrong');
    }
  });

  test('cheap rules come first: each breach hides the later ones', () => {
    const breaches: [Partial<BlockHeader>, string][] = [
      [{ version: 9 }, 'version-unsupported'],
      [{ previous: NOBODY.padEnd(64, '1') }, 'previous-wrong'],
      [{ height: 9 }, 'height-wrong'],
      [{ timeMs: 0 }, 'time-not-after-parent'],
      [{ bits: 0x1d00ffff }, 'bits-wrong'],
    ];
    breaches.forEach(([, code], first) => {
      const header = Object.assign({ ...b.next(b2).header }, ...breaches.slice(first).map(([breach]) => breach)) as BlockHeader;
      expect(codeOf(() => b.check(sealHeader(header, nonceBytes(0)), b2))).toBe(code);
    });
  });

  test('too far ahead is a matter of the clock: held at 2 T and a millisecond, taken at 2 T', () => {
    const { header } = b.next(b2);
    expect(maxFutureMs(b.network)).toBe(2 * T);
    expect(isTooFarAhead(b.network, header, timeMs - 2 * T)).toBe(false);
    expect(isTooFarAhead(b.network, header, timeMs - 2 * T - 1)).toBe(true);
    expect(isTooFarAhead(b.network, header, timeMs + 2 ** 40)).toBe(false);
  });

  test('the first block has no grandparent', () => {
    expect(codeOf(() => b.check(b1, b.genesis))).toBe('none');
  });

  test('another network’s block does not fit', () => {
    const other = new BlockBuilder(testNetwork({ label: 'other' }));
    const [foreign] = other.extend(other.genesis, 1);
    expect(codeOf(() => b.check(foreign!, b.genesis))).toBe('previous-wrong');
  });
});

describe('bits by name', () => {
  const b = new BlockBuilder();
  const T = b.network.blockTimeMs;
  const limit = expandBits(b.network.powLimitBits);
  /** Blocks on genesis with these header times after their parents. */
  const line = (...gaps: number[]): DecodedBlock =>
    gaps.reduce((parent, gapMs) => b.next(parent, { timeMs: parent.header.timeMs + gapMs }), b.genesis);
  const check = (parent: DecodedBlock, gapMs: number, target: bigint): string => {
    const timeMs = parent.header.timeMs + gapMs;
    return codeOf(() => b.check(b.next(parent, { timeMs, header: { bits: compactBits(target) } }), parent));
  };
  const targetOf = (block: DecodedBlock): bigint => expandBits(block.header.bits);
  const quick = line(T, ...Array.from({ length: 25 }, () => 1));
  /** Target of a block that comes at once on `parent`. */
  const base = (parent: DecodedBlock): bigint => targetOf(b.next(parent, { timeMs: parent.header.timeMs + 1 }));

  test('a quick block in a young chain divides the target by 2^(1/5), not by 2 and not by 2^(1/24)', () => {
    expect(Number(base(quick)) / Number(targetOf(quick))).toBeCloseTo(2 ** (-1 / 5), 2);
    expect(check(quick, 1, base(quick))).toBe('none');
    expect(check(quick, 1, targetOf(quick) >> 1n)).toBe('bits-wrong');
    expect(check(quick, 1, (targetOf(quick) * 63_670n) >> 16n)).toBe('bits-wrong');
  });

  test('8 T after the parent the target doubles, not a millisecond before', () => {
    expect(check(quick, 8 * T - 1, base(quick))).toBe('none');
    expect(check(quick, 8 * T - 1, base(quick) << 1n)).toBe('bits-wrong');
    expect(check(quick, 8 * T, base(quick))).toBe('bits-wrong');
    expect(check(quick, 8 * T, base(quick) << 1n)).toBe('none');
    const thrice = targetOf(b.next(quick, { timeMs: quick.header.timeMs + 10 * T }));
    expect(Number(thrice) / Number(base(quick))).toBeCloseTo(8, 2);
    expect(check(quick, 10 * T, thrice)).toBe('none');
    expect(check(quick, 10 * T, thrice >> 1n)).toBe('bits-wrong');
  });

  test('the block after an eased block has no right to the eased target', () => {
    const eased = b.next(quick, { timeMs: quick.header.timeMs + 8 * T });
    const double = targetOf(eased);
    // The wait of 8 T raises the base by 2^(7/5) instead.
    expect(Number(base(eased)) / Number(double)).toBeCloseTo(2 ** (2 / 5), 2);
    expect(check(eased, 1, base(eased) << 1n)).toBe('bits-wrong');
    expect(check(eased, 1, base(eased))).toBe('none');
  });

  test('nor where the limit cut the easing off', () => {
    const long = line(T, ...Array.from({ length: 40 }, () => 1));
    const eased = b.next(long, { timeMs: long.header.timeMs + 60 * T });
    expect(eased.header.bits).toBe(b.network.powLimitBits);
    expect(check(eased, 1, limit)).toBe('bits-wrong');
    expect(check(eased, 1, base(eased))).toBe('none');
    const twice = b.next(eased, { timeMs: eased.header.timeMs + 60 * T });
    expect(check(twice, 1, limit)).toBe('bits-wrong');
  });

  test('the second block has the target of genesis, whenever the first block came', () => {
    for (const gapMs of [1, T, 100 * T]) {
      expect(check(line(gapMs), 1, limit)).toBe('none');
      expect(check(line(gapMs), 1, limit >> 1n)).toBe('bits-wrong');
    }
  });
});

/** An account with a made-up signing key for each index: registrations are well-formed, although nobody owns the key. */
function stranger(index: number): TestAccount {
  const signingModulus = alex.signingModulus.slice();
  new DataView(signingModulus.buffer).setUint32(8, index);
  return { ...alex, signingModulus };
}

describe('blocks by name', () => {
  const { b, b2 } = chain();
  const { network } = b;
  const registered = b.next(b2, { miner: alex, transactions: [registrationOf(network, alex)] });
  const pay = (nonce: number, amount = 1): ReturnType<typeof transferOf> => transferOf(network, alex, { to: ming, amount, nonce });
  const state = b.stateAfter(registered);
  const check = (block: DecodedBlock): string => codeOf(() => checkBlock(network, block));
  const connect = (block: DecodedBlock): string =>
    codeOf(() =>
      connectBlock(network, checkBlock(network, block), registered.header, state, StateTree.build(state.accounts()), b.verifier),
    );
  const good = b.next(registered, { transactions: [pay(0), pay(1)] });

  test('valid', () => {
    expect(connect(good)).toBe('none');
    expect(connect(b.next(registered))).toBe('none');
  });

  test.each<[string, DecodedBlock['transactions']]>([
    ['a transaction missing', [pay(0)]],
    ['all missing', []],
    ['one too many', [pay(0), pay(1), pay(2)]],
    ['another order', [pay(1), pay(0)]],
    ['the last one twice (CVE-2012-2459)', [pay(0), pay(1), pay(1)]],
    [
      'a bad signature under the same header',
      [pay(0), transferOf(network, alex, { to: ming, amount: 1, nonce: 1, overrides: { signature: new Uint8Array(256) } })],
    ],
  ])('bad transaction root: %s', (_, transactions) => {
    const forged = sealBlock(good.header, good.nonce, transactions);
    expect(forged.id).toBe(good.id);
    expect(check(forged)).toBe('transaction-root-wrong');
  });

  test('bad signature committed to by the header', () => {
    const bad = transferOf(network, alex, { to: ming, amount: 1, nonce: 0, overrides: { signature: new Uint8Array(256) } });
    expect(connect(b.next(registered, { transactions: [bad], unexecuted: true }))).toBe('signature-invalid');
  });

  test('bad state root', () => {
    expect(connect(b.next(registered, { header: { stateRoot: new Uint8Array(32) } }))).toBe('state-root-wrong');
    expect(connect(b.next(registered, { header: { stateRoot: registered.header.stateRoot } }))).toBe('state-root-wrong');
    expect(connect(b.next(registered, { header: { miner: ming.address } }))).toBe('state-root-wrong');
  });

  test('wrong supply', () => {
    const { supply } = b.next(registered).header;
    expect(supply).toBe(4 * network.subsidy);
    for (const wrong of [supply - 1, supply + 1, registered.header.supply, 0, Number.MAX_SAFE_INTEGER]) {
      expect(connect(b.next(registered, { header: { supply: wrong } }))).toBe('supply-wrong');
    }
    // The cheaper comparison comes first.
    expect(connect(b.next(registered, { header: { supply: 0, stateRoot: new Uint8Array(32) } }))).toBe('supply-wrong');
  });

  test('the last coins: the reward ends where the supply is full', () => {
    const rich = new BlockBuilder(testNetwork({ subsidy: 1e15 }));
    const { header } = rich.extend(rich.genesis, 11).at(-1)!;
    expect(header.supply).toBe(Number.MAX_SAFE_INTEGER);
    const tenth = rich.known(header.previous);
    expect(tenth.header.supply).toBe(Number.MAX_SAFE_INTEGER);
    expect(rich.known(tenth.header.previous).header.supply).toBe(9e15);
  });

  test('oversized by one byte', () => {
    const size = b.next(registered, { transactions: [pay(0)] }).size;
    const filler = (bytes: number): DecodedBlock =>
      b.next(registered, { transactions: [transferOf(network, alex, { to: ming, amount: 1, nonce: 0, memo: 'x'.repeat(bytes) })] });
    const tight = { ...network, maxBlockBytes: size + 1 + 100 };
    expect(codeOf(() => checkBlock(tight, filler(100)))).toBe('none');
    expect(codeOf(() => checkBlock(tight, filler(101)))).toBe('block-oversized');
    expect(codeOf(() => decodeBlock(encodeBlock(filler(101)), tight.maxBlockBytes))).toBe('block-oversized');
  });

  test('non-canonical: a byte after the end', () => {
    expect(codeOf(() => decodeBlock(Buffer.concat([encodeBlock(good), Buffer.of(0)]), network.maxBlockBytes))).toBe('encoding-trailing');
  });

  test('duplicate transaction', () => {
    expect(check(b.next(registered, { transactions: [pay(0), pay(1), pay(0)], unexecuted: true }))).toBe('block-duplicate-transaction');
  });

  test('as many registrations as a block may hold, and one more', () => {
    const many = Array.from({ length: MAX_REGISTRATIONS_PER_BLOCK + 1 }, (_, index) =>
      registrationOf(network, stranger(index), { signature: new Uint8Array(256) }),
    );
    const block = (count: number): DecodedBlock => b.next(registered, { transactions: many.slice(0, count), unexecuted: true });
    expect(check(block(MAX_REGISTRATIONS_PER_BLOCK))).toBe('none');
    expect(check(block(MAX_REGISTRATIONS_PER_BLOCK + 1))).toBe('block-too-many-registrations');
  });

  test('one bad transaction makes the block bad, by the transaction’s own code', () => {
    const other = transferOf(testNetwork({ label: 'other' }), alex, { to: ming, amount: 1, nonce: 0 });
    expect(check(b.next(registered, { transactions: [pay(0), other], unexecuted: true }))).toBe('transaction-other-network');
  });

  test('registration and transfer of one account in one block, in this order only', () => {
    const both = [registrationOf(network, alex), transferOf(network, alex, { to: ming, amount: 5, nonce: 0 })];
    const before = b.stateAfter(b2);
    const run = (block: DecodedBlock): string =>
      codeOf(() => connectBlock(network, checkBlock(network, block), b2.header, before, StateTree.build(before.accounts()), b.verifier));
    expect(run(b.next(b2, { transactions: both }))).toBe('none');
    expect(run(b.next(b2, { transactions: both.toReversed(), unexecuted: true }))).toBe('sender-not-registered');
  });

  test('a reward cannot be spent in its own block', () => {
    const reward = b.network.subsidy;
    const all = state.account(alex.address)!.balance;
    expect(all).toBe(3 * reward);
    const tooMuch = b.next(registered, { miner: alex, transactions: [pay(0, all + 1)], unexecuted: true });
    expect(connect(tooMuch)).toBe('balance-insufficient');
    const spent = b.next(registered, { miner: alex, transactions: [pay(0, all)] });
    expect(b.stateAfter(spent).account(alex.address)!.balance).toBe(reward);
    expect(connect(spent)).toBe('none');
  });

  test('fees go to the miner', () => {
    const transactions = [transferOf(network, alex, { to: ming, amount: 1, fee: 7, nonce: 0 })];
    const block = b.next(registered, { miner: ming, transactions });
    expect(b.stateAfter(block).account(ming.address)!.balance).toBe(1 + 7 + network.subsidy);
  });
});
