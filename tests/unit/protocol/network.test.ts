import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_SUPPLY } from '../../../src/protocol/amount.ts';
import {
  createNetwork,
  DEFAULT_START_BITS,
  formatNetworkLink,
  parseNetworkLink,
  subsidyAt,
  type NetworkParameters,
} from '../../../src/protocol/network.ts';
import { compactBits, expandBits, workOfBits } from '../../../src/protocol/target.ts';

const invalid = expect.objectContaining({ code: 'network-invalid' });

const target = fc.bigInt({ min: 1n, max: (1n << 256n) - 1n });
const bits = target.map(compactBits);
const others = fc.record({
  label: fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/),
  blockTimeMs: fc.integer({ min: 200, max: 86_400_000 }),
  subsidy: fc.integer({ min: 0, max: 1e15 }),
  grant: fc.integer({ min: 0, max: 1e15 }),
  halvingInterval: fc.integer({ min: 0, max: 1e9 }),
  maxBlockBytes: fc.integer({ min: 4_096, max: 4 * 1024 * 1024 }),
  stampBits: bits,
  genesisTimeMs: fc.integer({ min: 0, max: 2 ** 48 }),
});
/** The default easiest target is frequent, because links treat that network apart. */
const limit = fc.oneof(target, fc.constant(expandBits(createNetwork().powLimitBits)));
const parameters: fc.Arbitrary<NetworkParameters> = fc.tuple(others, limit, fc.oneof(target, limit)).map(([given, one, other]) => {
  const [hard, easy] = one < other ? [one, other] : [other, one];
  return { ...given, powLimitBits: compactBits(easy), startBits: compactBits(hard) };
});

describe('network links', () => {
  test('short form is the label alone', () => {
    expect(formatNetworkLink(createNetwork({ label: 'demo' }))).toBe('#net=demo');
    expect(parseNetworkLink('#net=demo').id).toBe(createNetwork({ label: 'demo' }).id);
    expect(parseNetworkLink('').id).toBe(createNetwork().id);
    expect(parseNetworkLink('#page=blocks').id).toBe(createNetwork().id);
  });

  test('full form and parameters are inverse', () => {
    fc.assert(
      fc.property(parameters, (given) => {
        const network = createNetwork(given);
        const read = parseNetworkLink(formatNetworkLink(network));
        expect(read).toEqual(network);
      }),
    );
  });

  test('every parameter changes the network id', () => {
    fc.assert(
      fc.property(
        parameters,
        fc.constantFrom(...(Object.keys(createNetwork()) as (keyof NetworkParameters)[])),
        parameters,
        (a, field, b) => {
          fc.pre(field in a && a[field] !== b[field]);
          const changed = { ...a, [field]: b[field] };
          fc.pre(expandBits(changed.startBits) <= expandBits(changed.powLimitBits));
          expect(createNetwork(changed).id).not.toBe(createNetwork(a).id);
        },
      ),
    );
  });

  test.each([
    '#net=',
    '#net=Demo',
    '#net=-a',
    '#net=a-',
    '#net=a_b',
    '#net=課',
    '#net=' + 'a'.repeat(33),
    '#net=a&T=0',
    '#net=a&T=199',
    '#net=a&T=86400001',
    '#net=a&T=1.5',
    '#net=a&T=-1000',
    '#net=a&T=1e4',
    '#net=a&T=',
    '#net=a&subsidy=-1',
    '#net=a&subsidy=0.0000001',
    '#net=a&subsidy=1000000000.000001',
    '#net=a&grant=-1',
    '#net=a&grant=0.0000001',
    '#net=a&grant=1000000000.000001',
    '#net=a&grant=1,234',
    '#net=a&grant=',
    '#net=a&halving=1000000001',
    '#net=a&size=4095',
    '#net=a&size=4194305',
    '#net=a&pow=1e0fffffff',
    '#net=a&pow=1E0FFFFF',
    '#net=a&pow=00000000',
    '#net=a&stamp=1e00000f',
    '#net=a&start=1D3FFFFF',
    '#net=a&start=1d3ffff',
    '#net=a&start=1d000fff',
    '#net=a&start=1e100000',
    '#net=a&pow=1d3ffffe&start=1d3fffff',
    '#net=a&genesis=281474976710657',
    '#net=a&genesis=99999999999999999',
  ])('refuses %s', (link) => {
    expect(() => parseNetworkLink(link)).toThrow(invalid);
  });

  test.each([
    { powLimitBits: 0x1e0fffff + 0.5 },
    { stampBits: 0x1e0fffff + 2 ** 32 },
    { powLimitBits: NaN },
    { startBits: 0x1d3fffff + 0.5 },
    { startBits: 0x1e100000 },
    { powLimitBits: 0x1d3ffffe, startBits: 0x1d3fffff },
    { blockTimeMs: Number.NaN },
    { subsidy: 0.5 },
    { grant: 0.5 },
    { grant: -1 },
    { grant: 1e15 + 1 },
    { grant: NaN },
  ])('refuses parameters %j', (given) => {
    expect(() => createNetwork(given)).toThrow(invalid);
  });
});

describe('the grant', () => {
  test.each([
    ['#net=a', 0],
    ['#net=a&grant=0', 0],
    ['#net=a&grant=100', 100_000_000],
    ['#net=a&grant=0.000001', 1],
    ['#net=a&grant=1000000000', 1e15],
  ])('of %s has %d units', (link, grant) => {
    expect(parseNetworkLink(link).grant).toBe(grant);
    expect(formatNetworkLink(parseNetworkLink(link))).toBe(grant === 0 ? '#net=a' : link);
  });
});

describe('the target at the start', () => {
  test('is that of one ordinary tab on the default network: 2^26 expected hashes', () => {
    const { startBits, genesis } = createNetwork();
    expect(startBits).toBe(DEFAULT_START_BITS);
    expect(genesis.header.bits).toBe(DEFAULT_START_BITS);
    expect(Number(workOfBits(startBits)) / 2 ** 26).toBeCloseTo(1, 5);
  });

  test('is the easiest target where that was chosen', () => {
    expect(parseNetworkLink('#net=a&pow=1f00ffff').genesis.header.bits).toBe(0x1f00ffff);
    expect(parseNetworkLink('#net=a&pow=1c00ffff').startBits).toBe(0x1c00ffff);
    expect(createNetwork({ powLimitBits: 0x1f00ffff }).startBits).toBe(0x1f00ffff);
    // Also where the chosen target is the default.
    expect(parseNetworkLink('#net=a&pow=1e0fffff').startBits).toBe(0x1e0fffff);
  });

  test('can be chosen apart from the easiest target, and be equal to it', () => {
    expect(parseNetworkLink('#net=a&start=1c00ffff')).toMatchObject({ powLimitBits: 0x1e0fffff, startBits: 0x1c00ffff });
    expect(parseNetworkLink('#net=a&pow=1f00ffff&start=1d3fffff')).toMatchObject({ powLimitBits: 0x1f00ffff, startBits: 0x1d3fffff });
    expect(parseNetworkLink('#net=a&start=1e0fffff').id).toBe(parseNetworkLink('#net=a&pow=1e0fffff').id);
  });

  test.each([
    ['#net=a', {}],
    ['#net=a', { startBits: DEFAULT_START_BITS }],
    ['#net=a&pow=1f00ffff', { powLimitBits: 0x1f00ffff }],
    ['#net=a&pow=1f00ffff&start=1d3fffff', { powLimitBits: 0x1f00ffff, startBits: 0x1d3fffff }],
    ['#net=a&start=1e0fffff', { powLimitBits: 0x1e0fffff }],
  ])('the link %s says no more than needed', (link, given) => {
    expect(formatNetworkLink(createNetwork({ label: 'a', ...given }))).toBe(link);
    expect(parseNetworkLink(link).id).toBe(createNetwork({ label: 'a', ...given }).id);
  });

  test('easier than the easiest target is refused, with that target', () => {
    expect(() => parseNetworkLink('#net=a&start=1e100000')).toThrow(
      expect.objectContaining({ code: 'network-invalid', details: { field: 'start', easiest: '1e0fffff' } }),
    );
  });
});

describe('the subsidy', () => {
  test.each<[string, Partial<NetworkParameters>, number[]]>([
    ['no halving', { subsidy: 50, halvingInterval: 0 }, [50, 50, 50, 50, 50, 50, 50]],
    ['halving each 3 blocks', { subsidy: 100, halvingInterval: 3 }, [100, 100, 50, 50, 50, 25, 25]],
    ['halving each block', { subsidy: 10, halvingInterval: 1 }, [5, 2, 1, 0, 0, 0, 0]],
    ['no subsidy', { subsidy: 0, halvingInterval: 0 }, [0, 0, 0, 0, 0, 0, 0]],
  ])('%s', (_, given, expected) => {
    const network = createNetwork(given);
    expect(expected.map((_, index) => subsidyAt(network, index + 1, 0))).toEqual(expected);
  });

  test('the last block before the cap mints the rest', () => {
    const network = createNetwork({ subsidy: 1e15 });
    expect(subsidyAt(network, 9, 8e15)).toBe(1e15);
    expect(subsidyAt(network, 10, 9e15)).toBe(MAX_SUPPLY - 9e15);
    expect(subsidyAt(network, 11, MAX_SUPPLY)).toBe(0);
  });

  test('at any height of any network, whole units that keep the supply below the cap', () => {
    fc.assert(
      fc.property(parameters, fc.integer({ min: 1, max: 0xffffffff }), fc.maxSafeNat(), (given, height, supply) => {
        const subsidy = subsidyAt(given, height, supply);
        expect(Number.isSafeInteger(subsidy) && subsidy >= 0 && subsidy <= given.subsidy).toBe(true);
        expect(Number.isSafeInteger(supply + subsidy)).toBe(true);
      }),
    );
  });
});
