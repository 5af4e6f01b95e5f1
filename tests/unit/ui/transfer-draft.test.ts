import { describe, expect, test } from 'vitest';
import type { TabchainApi, TransferPreview, TransferRequest } from '../../../src/api/api.ts';
import { TransferDraft } from '../../../src/ui/features/transfer/transfer-draft.svelte.ts';

const coded = (code: string, details = {}): unknown => Object.assign(new Error(code), { code, details });

/** A node with given names that records the requested payments. */
class FakeNode {
  readonly paid: TransferRequest[] = [];
  names: Record<string, string> = { ming: 'tab1ming', third: 'tab1third' };
  refusal: unknown = null;

  readonly api = {
    account: async (to: string) => (to in this.names ? { name: to, address: this.names[to] } : null),
    previewTransfer: async (request: TransferRequest) => this.#preview(request),
    maximumAmount: async () => '999.9989',
    feeLevels: async ({ memo = '' }: { memo?: string } = {}) => [
      { level: 'next', fee: '0.001', blocks: 1 },
      { level: 'whenever', fee: memo === '' ? '0.0004' : '0.0005', blocks: 3 },
    ],
    transfer: async (request: TransferRequest) => {
      if (this.refusal !== null) throw this.refusal;
      this.paid.push(request);
      return { txid: 'ab' };
    },
  } as unknown as TabchainApi;

  #preview({ to, amount, fee = '0.001' }: TransferRequest): TransferPreview {
    if (Number(amount) > 999.9989) throw coded('balance-insufficient', { spendable: '1000' });
    const address = this.names[to];
    if (address === undefined) throw coded('recipient-unknown');
    const sum = { amount: String(amount), fee: String(fee), total: '', balanceAfter: '', nonce: 0, bytes: 322, expectedBlocks: 1 };
    const to_ = { name: to, address, fingerprint: '', registered: true };
    return { ...sum, to: to_, suggestedFee: '0.001', minimumFee: '0.0001', canSeal: true };
  }
}

function written(node: FakeNode, fields: Partial<Pick<TransferDraft, 'to' | 'amount' | 'fee' | 'memo' | 'sealed'>> = {}): TransferDraft {
  return Object.assign(new TransferDraft(node.api), { to: 'ming', amount: '3', ...fields });
}

describe('a transfer', () => {
  test('is shown before it is paid, and paid as shown', async () => {
    const node = new FakeNode();
    const draft = written(node, { memo: 'lunch', sealed: true });
    await draft.review();
    expect(node.paid).toEqual([]);
    const { checked } = draft;
    expect(checked!.preview.to.address).toBe('tab1ming');
    // A name that has changed its owner does not matter, because the check showed an address.
    node.names['ming'] = 'tab1other';
    expect(await draft.send(checked!)).toBe('ab');
    expect(node.paid).toEqual([{ to: 'tab1ming', amount: '3', fee: '0.001', memo: 'lunch', sealed: true }]);
    expect(draft.isEmpty).toBe(true);
  });

  test('pays the fee of the chosen level, which follows the memo, until a fee is typed', async () => {
    const node = new FakeNode();
    const draft = written(node);
    await draft.findLevels();
    expect(draft.request).toEqual({ to: 'ming', amount: '3' });
    draft.chooseLevel('whenever');
    expect([draft.request.fee, draft.feeShown]).toEqual(['0.0004', '0.0004']);
    draft.memo = 'lunch';
    await draft.findLevels();
    await draft.review();
    expect(draft.checked!.request.fee).toBe('0.0005');
    draft.change();
    draft.fee = '0.02';
    expect(draft.request.fee).toBe('0.02');
    draft.chooseLevel('next');
    await draft.review();
    await draft.send(draft.checked!);
    expect(node.paid).toEqual([{ to: 'tab1ming', amount: '3', fee: '0.001', memo: 'lunch' }]);
  });

  test('shows whom it pays, also if another field is wrong', async () => {
    const draft = written(new FakeNode(), { amount: '1000' });
    await draft.look();
    expect([draft.preview, draft.recipient?.address]).toEqual([null, 'tab1ming']);
    expect(draft.errorOf('amount')).toMatchObject({ code: 'balance-insufficient' });
    expect(draft.most).toBe('999.9989');
    draft.to = 'nobody';
    draft.amount = '3';
    await draft.look();
    expect(draft.recipient).toBeNull();
  });

  test('is not paid by an outdated check', async () => {
    const node = new FakeNode();
    const draft = written(node);
    await draft.review();
    const stale = draft.checked!;
    draft.fill({ to: 'third', amount: '70', memo: '' });
    expect(draft.checked).toBeNull();
    expect(await draft.send(stale)).toBeNull();
    await draft.review();
    expect(await draft.send(stale)).toBeNull();
    expect(node.paid).toEqual([]);
    expect(await draft.send(draft.checked!)).toBe('ab');
    expect(node.paid).toEqual([{ to: 'tab1third', amount: '70', fee: '0.001' }]);
  });

  test('is paid once, however often the button is pressed', async () => {
    const node = new FakeNode();
    const draft = written(node);
    await draft.review();
    const checked = draft.checked!;
    await Promise.all([draft.send(checked), draft.send(checked), draft.send(checked)]);
    expect(node.paid).toHaveLength(1);
  });

  test('that changes while it is checked is not shown as checked', async () => {
    const node = new FakeNode();
    const draft = written(node);
    const review = draft.review();
    draft.amount = '70';
    await review;
    expect(draft.checked).toBeNull();
  });

  test('cannot be changed behind its check', async () => {
    const draft = written(new FakeNode());
    await draft.review();
    expect(() => Object.assign(draft.checked!.request, { to: 'tab1third' })).toThrow(TypeError);
    expect(() => Object.assign(draft.checked!.preview, { amount: '70' })).toThrow(TypeError);
  });

  test('that the node refuses leads back to the fields, which are all kept', async () => {
    const node = new FakeNode();
    node.refusal = coded('balance-insufficient');
    const draft = written(node);
    await draft.review();
    expect(await draft.send(draft.checked!)).toBeNull();
    expect(draft.checked).toBeNull();
    expect(draft.errorOf('amount')).toMatchObject({ code: 'balance-insufficient' });
    expect(draft.to).toBe('ming');
  });

  test('of more than the balance offers the largest possible amount', async () => {
    const draft = written(new FakeNode(), { amount: '1000' });
    await draft.look();
    expect(draft.most).toBe('999.9989');
    draft.amount = draft.most!;
    await draft.look();
    expect(draft.most).toBeNull();
    expect(draft.preview?.amount).toBe('999.9989');
  });

  test.each([
    ['recipient-invalid', 'to', { to: ' ' }],
    ['amount-invalid', 'amount', { amount: '' }],
    ['recipient-unknown', 'to', { to: 'nobody' }],
  ] as const)('%s is said at its field, and nothing is shown to pay', async (code, field, fields) => {
    const draft = written(new FakeNode(), fields);
    await draft.review();
    expect(draft.checked).toBeNull();
    expect(draft.errorOf(field)).toMatchObject({ code });
  });

  test('passes on the text as typed, because only the node reads amounts', () => {
    const draft = written(new FakeNode(), { amount: ' 0,5 ', fee: '０,01' });
    expect(draft.request).toMatchObject({ amount: '0,5', fee: '０,01' });
  });
});
