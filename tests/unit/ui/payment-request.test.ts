import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_MEMO_BYTES } from '../../../src/api/limits.ts';
import { formatCoins } from '../../../src/protocol/amount.ts';
import { fragmentFor, paymentAt, placeOf } from '../../../src/ui/address.ts';
import { requestPath } from '../../../src/ui/features/transfer/payment-request.ts';

const read = (path: string) => paymentAt(placeOf(fragmentFor('#net=demo', path)));

describe('a payment request', () => {
  test('arrives in the form as it was written', () => {
    const amounts = fc.integer({ min: 1, max: 2 ** 53 - 1 }).map(formatCoins);
    const memos = fc.string({ unit: 'grapheme', maxLength: 30 }).filter((memo) => {
      try {
        return requestPath('ming', { amount: '', memo }) !== '';
      } catch {
        return false;
      }
    });
    fc.assert(
      fc.property(amounts, memos, (amount, memo) => {
        expect(read(requestPath('ming', { amount, memo }))).toEqual({ to: 'ming', amount, memo: memo.trim() });
      }),
    );
    expect(read(requestPath('ming', { amount: '', memo: '' }))).toEqual({ to: 'ming', amount: '', memo: '' });
    expect(read(requestPath('ming', { amount: ' ０，５ ', memo: '午餐 & 茶 #1' }))).toEqual({
      to: 'ming',
      amount: '0.5',
      memo: '午餐 & 茶 #1',
    });
  });

  test.each([
    ['amount-invalid', { amount: 'ten', memo: '' }],
    ['amount-ambiguous', { amount: '1,234', memo: '' }],
    ['amount-not-positive', { amount: '0', memo: '' }],
    ['amount-not-positive', { amount: '-5', memo: '' }],
    ['amount-too-precise', { amount: '0.0000001', memo: '' }],
    ['memo-too-long', { amount: '', memo: 'x'.repeat(MAX_MEMO_BYTES + 1) }],
    ['memo-invalid', { amount: '', memo: '\u202egnp.exe' }],
  ])('is not made with %s', (code, request) => {
    expect(() => requestPath('ming', request)).toThrow(expect.objectContaining({ code }));
  });
});
