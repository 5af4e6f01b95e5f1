import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Decisions } from '../../fuzz/support/inputs.ts';
import { TARGETS } from '../../fuzz/targets.ts';

/** The long run is `npm run fuzz`. Here each target gets its seeds and a few hundred mutations of them. */
const RUNS = 300;
/** As in the long run: even on a busy machine, no input takes this long unless the code hangs. */
const HANG_MS = 10_000;

/** Changes of a valid input: bytes set, inserted, removed or repeated; truncation; extreme values. */
const mutations = fc.array(
  fc.record({
    kind: fc.constantFrom('set', 'insert', 'remove', 'repeat', 'cut', 'extreme'),
    at: fc.nat({ max: 0xffff }),
    bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
  }),
  { maxLength: 4 },
);
type Mutation = (typeof mutations extends fc.Arbitrary<infer T> ? T : never)[number];

function mutated(seed: Uint8Array, all: readonly Mutation[]): Uint8Array {
  return all.reduce((input, { kind, at, bytes }) => {
    const place = at % (input.length + 1);
    const [head, tail] = [input.subarray(0, place), input.subarray(place)];
    switch (kind) {
      case 'set':
        return Buffer.concat([head, bytes, tail.subarray(bytes.length)]);
      case 'insert':
        return Buffer.concat([head, bytes, tail]);
      case 'remove':
        return Buffer.concat([head, tail.subarray(bytes.length)]);
      case 'repeat':
        return Buffer.concat([input, tail]);
      case 'cut':
        return head;
      case 'extreme':
        return Buffer.concat([head, Buffer.alloc(bytes.length, bytes[0]! < 128 ? 0 : 0xff), tail.subarray(bytes.length)]);
    }
  }, seed);
}

describe.each(TARGETS.filter(({ shortRuns }) => shortRuns !== 0).map((target) => [target.name, target] as const))('%s', (_name, target) => {
  test(target.about, async () => {
    const attempt = await target.prepare();
    const seeds = await target.seeds();
    const timed = async (input: Uint8Array): Promise<void> => {
      const started = performance.now();
      // A copy that owns its memory, like bytes that arrive over a link.
      await attempt(Uint8Array.from(input.subarray(0, target.maxBytes)));
      expect(performance.now() - started).toBeLessThan(HANG_MS);
    };
    for (const seed of seeds) await timed(seed);
    const inputs = fc.oneof(
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }) },
      { weight: 4, arbitrary: fc.tuple(fc.nat({ max: seeds.length - 1 }), mutations).map(([i, all]) => mutated(seeds[i]!, all)) },
    );
    await fc.assert(fc.asyncProperty(inputs, timed), { numRuns: target.shortRuns ?? RUNS });
  });
});

test('past their end, decisions are zero', () => {
  const decisions = new Decisions(Uint8Array.of(1, 2));
  expect([decisions.number(2), decisions.byte(), decisions.left, decisions.rest().length]).toEqual([258, 0, 0, 0]);
});
