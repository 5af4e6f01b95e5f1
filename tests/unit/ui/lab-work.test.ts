import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { breaches, oldBlock } from '../../../src/ui/features/lab/chain-work.ts';
import { codesOf, grouped, isRefused, paymentsIn } from '../../../src/ui/features/lab/tamper-work.ts';
import { differingBits, flipBit, hexOf, SIGNATURE_BITS } from '../../../src/ui/features/lab/signature-work.ts';

const signatures = fc
  .array(fc.nat({ max: 15 }), { minLength: 512, maxLength: 512 })
  .map((digits) => digits.map((d) => d.toString(16)).join(''));
const bits = fc.nat({ max: SIGNATURE_BITS - 1 });

describe('the signature lab', () => {
  test('turns over exactly the chosen bit, and the same bit twice changes nothing', () => {
    fc.assert(
      fc.property(signatures, bits, (signature, bit) => {
        const flipped = flipBit(signature, bit);
        expect(BigInt(`0x${flipped}`) ^ BigInt(`0x${signature}`)).toBe(1n << BigInt(bit));
        expect(flipped).toHaveLength(512);
        expect(differingBits(flipped, signature)).toBe(1);
        expect(flipBit(flipped, bit)).toBe(signature);
      }),
    );
  });

  test('counts all bits that differ, and writes a text as UTF-8', () => {
    expect(differingBits('00', 'ff')).toBe(8);
    expect(differingBits('a5', 'a5')).toBe(0);
    expect(hexOf('a字')).toBe('61e5ad97');
  });
});

describe('the chain lab', () => {
  test('begins eight blocks below the tip, never below the first block', () => {
    expect([0, 1, 8, 9, 1_000].map(oldBlock)).toEqual([1, 1, 1, 1, 992]);
  });

  test('lists the broken rules in their order, and no rule that cannot be checked', () => {
    const rule = (code: 'bits-wrong' | 'supply-wrong' | 'state-root-wrong', holds: boolean | null) => ({
      code,
      holds,
      found: null,
      expected: null,
    });
    expect(breaches({ rules: [rule('bits-wrong', false), rule('supply-wrong', true), rule('state-root-wrong', null)] })).toEqual([
      rule('bits-wrong', false),
    ]);
  });
});

describe('the tamper lab', () => {
  const answer = (code: string | null) => ({ peer: 'aa', code });

  test('counts an offer as refused only where somebody has answered and nobody accepts', () => {
    expect(isRefused({ answers: [] })).toBe(false);
    expect(isRefused({ answers: [answer('nonce-gap'), answer(null)] })).toBe(false);
    expect(isRefused({ answers: [answer('nonce-gap'), answer('balance-insufficient')] })).toBe(true);
  });

  test('counts the codes of the answers', () => {
    expect(codesOf({ answers: [answer('nonce-gap'), answer(null), answer('x'), answer('nonce-gap')] })).toBe('nonce-gap × 2, x × 1');
  });

  test('reads the payments of the database, and groups typed amounts', () => {
    expect(paymentsIn([['ab', 12, 7.25, 'ming', 'tab1x']])).toEqual([{ txid: 'ab', height: 12, coins: '7.25', from: 'ming', to: 'tab1x' }]);
    expect(['1000000', '0.5', '1,5', 'viel'].map(grouped)).toEqual(['1,000,000', '0.5', '1,5', 'viel']);
  });
});
