import { base64urlnopad } from '@scure/base';
import fc from 'fast-check';
import type { SqlJsStatic } from 'sql.js';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ReceiptCheck, ReceiptRequest } from '../../../src/api/api.ts';
import { addressText } from '../../../src/crypto/address.ts';
import type { LedgerContents } from '../../../src/node/ledger.ts';
import { receiptCheck } from '../../../src/node/views/receipts.ts';
import type { PartyOf } from '../../../src/node/views/transaction-kinds.ts';
import { Views } from '../../../src/node/views/views.ts';
import type { DecodedBlock } from '../../../src/protocol/block.ts';
import type { Network } from '../../../src/protocol/network.ts';
import { decodeReceipt, encodeReceipt, MAX_RECEIPT_BYTES, type Receipt } from '../../../src/protocol/receipt.ts';
import { errorCode } from '../../../src/util/errors.ts';
import { BlockBuilder, registrationOf, testAccount, testNetwork, transferOf } from '../../scenarios/support/builders.ts';
import { feed, loadSqlJs, openNode } from '../chain/support.ts';

// Alex and ming register, then alex pays ming in a block of five transfers. Seventy empty blocks follow.

const COIN = 1_000_000;
const network = testNetwork();
const builder = new BlockBuilder(network);
const [alex, ming, wu] = [testAccount('alex'), testAccount('ming'), testAccount('wu')];
const registrations = [registrationOf(network, alex), registrationOf(network, ming)];
const payments = Array.from({ length: 5 }, (_, nonce) =>
  transferOf(network, alex, { to: ming, amount: (1 + nonce) * COIN, fee: 1_000, nonce, memo: `tea ${nonce}` }),
);
const bodies = [[], registrations, payments, ...Array.from({ length: 70 }, () => [])];
const blocks: DecodedBlock[] = [];
for (const transactions of bodies) blocks.push(builder.next(blocks.at(-1) ?? builder.genesis, { miner: alex, transactions }));
const rival = builder.next(blocks[1]!, { miner: wu, timeMs: blocks[2]!.header.timeMs + 1 });

let sqlJs: SqlJsStatic;
let views: Views;
beforeAll(async () => {
  sqlJs = await loadSqlJs();
  views = await viewsAfter(blocks);
});

/** The answers of a node that knows these blocks. */
async function viewsAfter(known: readonly DecodedBlock[], of: Network = network): Promise<Views> {
  const node = await openNode(sqlJs, of);
  await feed(node, known);
  return new Views(node, null, null);
}

const place = ({ header, id }: DecodedBlock) => ({ height: header.height, id, time: header.timeMs });
const tip = blocks.at(-1)!;

const REQUESTS: readonly ReceiptRequest[] = [
  { transaction: payments[3]!.id },
  { transaction: registrations[0]!.id },
  { account: 'ming' },
  { account: addressText(alex.address) },
  { block: 3 },
  { block: 0 },
  { block: tip.id },
];

describe('a receipt', () => {
  test('of a payment shows the payment, its block and the work above', async () => {
    const receipt = await views.receipt({ transaction: payments[3]!.id });
    expect(receipt).toMatchObject({ kind: 'transaction', block: place(blocks[2]!), anchor: place(tip) });
    expect(base64urlnopad.decode(receipt.text)).toEqual(receipt.bytes);
    expect(views.checkReceipt(receipt.text)).toEqual({
      kind: 'transaction',
      transaction: {
        txid: payments[3]!.id,
        kind: 'transfer',
        from: { address: addressText(alex.address), name: 'alex' },
        to: { address: addressText(ming.address), name: 'ming' },
        amount: '4',
        fee: '0.001',
        nonce: 3,
        memo: 'tea 3',
        sealed: false,
        name: null,
      },
      account: null,
      block: place(blocks[2]!),
      miner: { address: addressText(alex.address), name: 'alex' },
      anchor: place(tip),
      workAbove: String(2 * (blocks.length - 3)),
      standing: 'proven',
      reliesOn: place(blocks[2]!),
    } satisfies ReceiptCheck);
  });

  test('of an account shows its balance, nonce and name after the tip', async () => {
    const receipt = await views.receipt({ account: 'ming' });
    expect(views.checkReceipt(receipt.bytes)).toMatchObject({
      kind: 'account',
      transaction: null,
      account: { address: addressText(ming.address), exists: true, balance: '15', nonce: 0, name: 'ming' },
      block: place(tip),
      anchor: place(tip),
      workAbove: '0',
      standing: 'proven',
    });
  });

  test('of a block shows who mined the block, and when', async () => {
    const receipt = await views.receipt({ block: '3' });
    const check = views.checkReceipt(receipt.text);
    expect(check).toMatchObject({ kind: 'block', transaction: null, account: null, block: place(blocks[2]!), standing: 'proven' });
    expect(check.miner).toEqual({ address: addressText(alex.address), name: 'alex' });
  });

  test.each(REQUESTS)('of %j has one encoding, and fits a QR code', async (request) => {
    const { bytes } = await views.receipt(request);
    expect(encodeReceipt(decodeReceipt(bytes))).toEqual(bytes);
    expect(bytes.length).toBeLessThanOrEqual(2_300);
  });

  test('leads to its own block where a short receipt is wanted', async () => {
    const { bytes, block, anchor } = await views.receipt({ transaction: payments[3]!.id, short: true });
    expect(anchor).toEqual(block);
    expect(views.checkReceipt(bytes)).toMatchObject({ standing: 'proven', anchor: place(blocks[2]!), workAbove: '0' });
    expect(bytes.length).toBeLessThanOrEqual((await views.receipt({ transaction: payments[3]!.id })).bytes.length - 196);
  });

  test('is as good as the trust in its anchor where the chain does not reach its block', async () => {
    const { text, anchor } = await views.receipt({ transaction: payments[0]!.id });
    const newcomer = await viewsAfter([]);
    expect(newcomer.checkReceipt(text).standing).toBe('unknown');
    for (const id of [anchor.id, blocks[2]!.id, ` ${anchor.id.toUpperCase()}\n`]) {
      const check = newcomer.checkReceipt(text, id);
      expect(check).toMatchObject({ standing: 'trusted', reliesOn: place(id === blocks[2]!.id ? blocks[2]! : tip) });
      expect([check.transaction?.from.name, check.miner.name]).toEqual([null, null]);
    }
    expect(newcomer.checkReceipt(text, '')).toMatchObject({ standing: 'unknown', reliesOn: null });
    expect(newcomer.checkReceipt(text, rival.id).standing).toBe('unknown');
    expect((await viewsAfter(blocks.slice(0, 10))).checkReceipt(text).standing).toBe('proven');
  });

  test('is proven by a chain that begins above its block, but contains the anchor', async () => {
    const { text, anchor } = await views.receipt({ transaction: payments[0]!.id });
    const chain = { activeId: (height: number) => (height === anchor.height ? anchor.id : null) };
    const ledger = { chain, network } as unknown as LedgerContents;
    const party: PartyOf = (address) => ({ address, name: null });
    expect(receiptCheck(ledger, party, text, undefined)).toMatchObject({ standing: 'proven', reliesOn: anchor });
    const { text: short } = await views.receipt({ transaction: payments[0]!.id, short: true });
    expect(receiptCheck(ledger, party, short, undefined)).toMatchObject({ standing: 'unknown', reliesOn: null });
  });

  test('tells of another branch where the chain has another block at that height', async () => {
    const { text, anchor } = await views.receipt({ transaction: payments[0]!.id });
    const other = await viewsAfter([...blocks.slice(0, 2), rival]);
    const check = other.checkReceipt(text);
    expect(check.standing).toBe('other-branch');
    // This chain has names for the two accounts, but the other branch may have given the names to others.
    expect([check.transaction?.from.name, check.miner.name]).toEqual([null, null]);
    expect(other.checkReceipt(text, anchor.id).standing).toBe('trusted');
  });

  test('never shows anything else as proven where bytes are altered', async () => {
    for (const request of REQUESTS) {
      const { bytes } = await views.receipt(request);
      const { anchor: _, workAbove: __, ...shown } = views.checkReceipt(bytes);
      fc.assert(
        fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
          const altered = bytes.with(at, bytes[at]! ^ change);
          const code = codeOf(() => views.checkReceipt(altered));
          if (code !== null) {
            expect(code).toMatch(/^receipt-(unreadable|version|other-network|wrong)$/);
            return;
          }
          // At this network's easy target, every second altered header passes as a block that nobody knows.
          const check = views.checkReceipt(altered);
          // The path of an account also shows that no account has an altered address, which is true.
          if (check.standing === 'proven' && check.account?.exists !== false) expect(check).toMatchObject(shown);
        }),
        { numRuns: 150 },
      );
    }
  });

  test('is refused where another part is put into it', async () => {
    const [one, other] = await Promise.all(
      [3, 4].map(async (at) => decodeReceipt((await views.receipt({ transaction: payments[at]!.id })).bytes)),
    );
    const account = decodeReceipt((await views.receipt({ account: 'ming' })).bytes);
    const mixed = [
      { ...one!, evidence: { ...one!.evidence, transaction: paidIn(other!) } },
      { ...one!, block: account.block },
      { ...one!, later: account.later },
      { ...one!, evidence: account.evidence },
    ];
    const codes = mixed.map((receipt) => codeOf(() => views.checkReceipt(encodeReceipt(receipt))));
    // Without the way to a later block, the receipt stands on its own block, which this chain has.
    expect(codes).toEqual(['receipt-wrong', 'receipt-wrong', null, 'receipt-wrong']);
  });

  test('is refused with a reason where it cannot be read, or is of another network or version', async () => {
    const { bytes, text } = await views.receipt({ block: 3 });
    const strange: [unknown, string][] = [
      ['', 'receipt-unreadable'],
      ['not a receipt!', 'receipt-unreadable'],
      [text.slice(0, -1), 'receipt-unreadable'],
      ['A'.repeat(10_000), 'receipt-unreadable'],
      [new Uint8Array(MAX_RECEIPT_BYTES + 1), 'receipt-unreadable'],
      [{ length: 3 }, 'receipt-unreadable'],
      [null, 'receipt-unreadable'],
      [bytes.with(0, 9), 'receipt-version'],
    ];
    for (const [given, code] of strange) expect(codeOf(() => views.checkReceipt(given))).toBe(code);
    expect(() => views.checkReceipt(bytes.subarray(0, -1))).toThrow(
      expect.objectContaining({ code: 'receipt-unreadable', details: { because: 'encoding-truncated' } }),
    );
    const elsewhere = await viewsAfter([], testNetwork({ label: 'elsewhere' }));
    expect(codeOf(() => elsewhere.checkReceipt(text))).toBe('receipt-other-network');
    expect(codeOf(() => views.checkReceipt(text, 5))).toBe('argument-invalid');
  });

  test('is not made of anything that the chain lacks', async () => {
    const lacking: unknown[] = [
      { transaction: '00'.repeat(32) },
      { account: 'nobody' },
      { block: 999 },
      { block: rival.id },
      {},
      undefined,
      7,
    ];
    for (const request of lacking) await expect(views.receipt(request)).rejects.toMatchObject({ code: 'argument-invalid' });
  });
});

function paidIn({ evidence }: Receipt) {
  if (evidence.kind !== 'transaction') throw new TypeError('The receipt is of no transaction.');
  return evidence.transaction;
}

function codeOf(work: () => unknown): string | null {
  try {
    work();
    return null;
  } catch (error) {
    return errorCode(error) ?? String(error);
  }
}
