import { checkSamples, checkTail } from '../../../src/consensus/work-proof.ts';
import { Reader, Writer } from '../../../src/protocol/codec.ts';
import { readSamples, readTail, writeSamples, writeTail } from '../../../src/protocol/work-proof.ts';
import { testNetwork } from '../../scenarios/support/builders.ts';
import { HeaderChain } from '../../unit/consensus/support/header-chain.ts';
import { withinMemory } from '../support/memory.ts';
import { must, mustEqual, orRefused, type FuzzTarget } from '../support/target.ts';

const ENCODING = /^encoding-(truncated|trailing|too-long|non-canonical)$/;
/** The codes of header rules that a proof can break, and those of the proof itself. */
const WRONG =
  /^(work-proof-wrong|bits-(non-canonical|wrong)|(history-root|height|previous)-wrong|seal-above-target|version-unsupported|time-not-after-parent)$/;

const TIMES_INPUT = 8;
const POINTS = [0n, 1n << 62n, 3n << 62n, (1n << 64n) - 1n];

function bytesOf<T>(write: (writer: Writer, value: T) => void, value: T): Uint8Array {
  const writer = new Writer();
  write(writer, value);
  return writer.finish();
}

interface Proof<T> {
  readonly read: (reader: Reader) => T;
  readonly write: (writer: Writer, value: T) => void;
  readonly check: (value: T) => unknown;
  /** The only proof that may pass. */
  readonly truth: T;
}

/** An input is refused, or is the only encoding of a proof that is refused, or is the true proof. */
function judge<T>(input: Uint8Array, { read, write, check, truth }: Proof<T>): void {
  const reader = new Reader(input);
  const values: T[] = [];
  withinMemory(input, TIMES_INPUT, () => {
    const value = orRefused(ENCODING, () => read(reader));
    if (value !== null) values.push(value);
  });
  for (const value of values) {
    const taken = input.subarray(0, reader.offset);
    mustEqual(bytesOf(write, value), taken, 'A proof has two encodings.');
    const isTrue = Buffer.compare(taken, bytesOf(write, truth)) === 0;
    const passed = orRefused(WRONG, () => [check(value)]) !== null;
    must(passed === isTrue, passed ? 'An altered proof passed.' : 'The true proof was refused.');
  }
}

const chain = new HeaderChain(testNetwork());
const line = (): HeaderChain => (chain.tip.header.height > 0 ? chain : chain.grow(128));
const SIZE = 31;

const tail: FuzzTarget = {
  name: 'chain-tail',
  about: 'readTail: refused, or the only encoding; checkTail: refused, or the true tail',
  maxBytes: 20_000,
  seeds: () => [bytesOf(writeTail, line().tail()), bytesOf(writeTail, { headers: [], history: [] })],
  prepare: () => {
    const { network, tip } = line();
    const truth = line().tail();
    return (input) => judge(input, { read: readTail, write: writeTail, check: (value) => checkTail(network, tip.id, value), truth });
  },
};

const samples: FuzzTarget = {
  name: 'work-samples',
  about: 'readSamples: refused, or the only encoding; checkSamples: refused, or the true samples',
  maxBytes: 3_000,
  seeds: () => [POINTS, POINTS.slice(1, 2), []].map((points) => bytesOf(writeSamples, line().samples(SIZE, points))),
  prepare: () => {
    const { network, headers, histories } = line();
    const { root, work } = histories[SIZE]!;
    const first = { id: headers[SIZE]!.id, size: SIZE, root, work };
    const truth = line().samples(SIZE, POINTS);
    const check = (value: typeof truth): void => checkSamples(network, first, POINTS, value);
    return (input) => judge(input, { read: readSamples, write: writeSamples, check, truth });
  },
};

export const WORK_PROOF_TARGETS: readonly FuzzTarget[] = [tail, samples];
