import type { Prng } from '../../sim/engine/prng.ts';

/** Values at which lengths, counts and signs overflow. */
const EXTREMES = [0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff];
const MAX_STEPS = 6;
/** Usual longest stretch that one step inserts, copies or removes. */
const STRETCH = 32;

type Step = (bytes: number[], random: Prng, others: readonly Uint8Array[], words: readonly Uint8Array[]) => void;

const stretch = (random: Prng, length: number): number =>
  random.int(1, Math.max(1, Math.min(length, random.chance(0.1) ? length : STRETCH)));
const place = (bytes: number[], random: Prng): number => random.int(0, bytes.length);

function overwrite(bytes: number[], at: number, part: ArrayLike<number>): void {
  for (let i = 0; i < part.length; i++) bytes[at + i] = part[i]!;
}

function extreme(random: Prng): number[] {
  const [value, width] = [random.pick(EXTREMES), random.pick([1, 2, 4])];
  return Array.from({ length: width }, (_, i) => Math.floor(value / 256 ** (width - 1 - i)) & 0xff);
}

function slice(bytes: ArrayLike<number>, random: Prng): number[] {
  const length = stretch(random, bytes.length);
  const from = random.int(0, Math.max(0, bytes.length - length));
  return Array.from({ length: Math.min(length, bytes.length) }, (_, i) => bytes[from + i]!);
}

const STEPS: readonly Step[] = [
  (bytes, random) => {
    const at = place(bytes, random);
    if (at < bytes.length) bytes[at]! ^= 1 << random.int(0, 7);
  },
  (bytes, random) => overwrite(bytes, place(bytes, random), [random.int(0, 255)]),
  (bytes, random) => {
    const at = place(bytes, random);
    if (at < bytes.length) bytes[at] = (bytes[at]! + random.int(-16, 16)) & 0xff;
  },
  (bytes, random) => overwrite(bytes, place(bytes, random), extreme(random)),
  (bytes, random) => bytes.splice(place(bytes, random), 0, ...extreme(random)),
  (bytes, random) => bytes.splice(place(bytes, random), stretch(random, bytes.length)),
  (bytes, random) => bytes.splice(place(bytes, random), 0, ...random.bytes(stretch(random, STRETCH))),
  (bytes, random) => bytes.splice(place(bytes, random), 0, ...slice(bytes, random)),
  (bytes, random) => overwrite(bytes, place(bytes, random), slice(bytes, random)),
  (bytes, random, others) => bytes.splice(place(bytes, random), 0, ...slice(random.pick(others), random)),
  (bytes, random, others) => overwrite(bytes, place(bytes, random), slice(random.pick(others), random)),
  (bytes, random, others) => {
    const other = random.pick(others);
    const at = Math.min(place(bytes, random), other.length);
    bytes.splice(at, bytes.length, ...other.subarray(at));
  },
  (bytes, random, _others, words) => void (words.length > 0 && bytes.splice(place(bytes, random), 0, ...random.pick(words))),
  (bytes, random, _others, words) => void (words.length > 0 && overwrite(bytes, place(bytes, random), random.pick(words))),
  (bytes, random) => void (bytes.length = place(bytes, random)),
];

/** Makes a new input from an old one by some random steps like those of AFL and libFuzzer. */
export function mutate(
  input: Uint8Array,
  random: Prng,
  others: readonly Uint8Array[],
  words: readonly Uint8Array[],
  maxBytes: number,
): Uint8Array {
  const bytes = [...input];
  for (let left = random.int(1, MAX_STEPS); left > 0; left--) random.pick(STEPS)(bytes, random, others, words);
  return Uint8Array.from(bytes.slice(0, maxBytes));
}
