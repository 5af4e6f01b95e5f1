import type { SqlJsStatic } from 'sql.js';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TransferRequest } from '../../../src/api/api.ts';
import { addressFingerprint, addressText } from '../../../src/crypto/address.ts';
import { AccountSession } from '../../../src/node/own-account.ts';
import { maximumAmount, previewTransfer, resolveRecipient, signTransfer } from '../../../src/node/payments.ts';
import { Views } from '../../../src/node/views/views.ts';
import { formatNetworkLink } from '../../../src/protocol/network.ts';
import type { DecodedTransaction, Transfer } from '../../../src/protocol/transaction.ts';
import { MemoryMedium, MemoryRecords } from '../../../src/storage/disk/medium-memory.ts';
import { PageDisk } from '../../../src/storage/disk/page-disk.ts';
import { FaultyMedium } from '../../contract/support/media.ts';
import { fakeMachine } from '../../fuzz/support/node.ts';
import { BlockBuilder, registrationOf, testAccount, testNetwork } from '../../scenarios/support/builders.ts';
import { feed, loadSqlJs, openNode, type TestNode } from '../chain/support.ts';
import { settle } from '../net/support/virtual-time.ts';
import { boundTo, Browser, keysOf, TestTab, unlocked } from './support.ts';

/** Alex is registered with 100 coins, ming is registered without coins, lin has 50 coins without a registration, wu is unknown. */
const [alex, ming, lin, wu] = [testAccount('alex'), testAccount('ming'), testAccount('lin'), testAccount('wu')];
const network = testNetwork();
const builder = new BlockBuilder(network);
const first = builder.next(builder.genesis, { miner: alex });
const second = builder.next(first, { miner: alex, transactions: [registrationOf(network, alex), registrationOf(network, ming)] });
const third = builder.next(second, { miner: lin });

let sqlJs: SqlJsStatic;
let file: Uint8Array;
let node: TestNode;
beforeAll(async () => {
  sqlJs = await loadSqlJs();
  const fed = await openNode(sqlJs, network);
  await feed(fed, [first, second, third]);
  file = fed.store.export();
});
beforeEach(async () => {
  node = await openNode(sqlJs, network, file);
});

const preview = (request: TransferRequest, account = alex) => previewTransfer(node, unlocked(account), request);

const sign = (request: TransferRequest, account = alex): Promise<DecodedTransaction> =>
  signTransfer(fakeMachine(sqlJs, new MemoryRecords()), node, unlocked(account), request);

/** Signs a transfer and adds it to the mempool. */
async function send(request: TransferRequest): Promise<DecodedTransaction<Transfer>> {
  const decoded = (await sign(request)) as DecodedTransaction<Transfer>;
  expect(await node.mempool.accept(decoded, true)).toBe('added');
  return decoded;
}

describe('a transfer', () => {
  test.each<[memo: string, request: Partial<TransferRequest>, memoBytes: number]>([
    ['no memo', {}, 0],
    ['a plain memo', { memo: 'tea 茶' }, 8],
    ['a sealed memo', { memo: 'tea 茶', sealed: true }, 256],
    ['an empty memo, which is not sealed', { memo: '', sealed: true }, 0],
  ])('with %s is signed as it was previewed', async (_memo, request, memoBytes) => {
    const given = { to: 'ming', amount: '2.5', ...request };
    const shown = preview(given);
    expect(shown).toMatchObject({ amount: '2.5', nonce: 0, fee: shown.suggestedFee, canSeal: true });
    expect(shown.bytes - preview({ to: 'ming', amount: 1 }).bytes).toBe(memoBytes);
    const { transaction, bytes } = await send(given);
    expect(bytes).toHaveLength(shown.bytes);
    expect(transaction).toMatchObject({ sender: alex.address, recipient: ming.address, amount: 2_500_000, nonce: 0 });
    expect(transaction.fee).toBe(Number(shown.fee) * 1_000_000);
    expect(node.mempool.spendable(alex.address)).toBe(Math.round(Number(shown.balanceAfter) * 1_000_000));
  });

  test('shows whom it pays, so that two people can compare', () => {
    const fingerprint = addressFingerprint(ming.address);
    expect(preview({ to: 'ming', amount: 1 }).to).toEqual({
      name: 'ming',
      address: addressText(ming.address),
      fingerprint,
      registered: true,
    });
    expect(preview({ to: addressText(wu.address), amount: 1 })).toMatchObject({ to: { name: null, registered: false }, canSeal: false });
  });

  test('that waits reserves its nonce and its coins', async () => {
    await send({ to: 'ming', amount: 40, fee: '0.5' });
    expect(preview({ to: 'ming', amount: 1, fee: '0.5' })).toMatchObject({ nonce: 1, total: '1.5', balanceAfter: '58' });
    await send({ to: 'ming', amount: 58, fee: '0.5' });
    expect(() => preview({ to: 'ming', amount: 1, fee: '0.5' })).toThrow(
      expect.objectContaining({ code: 'balance-insufficient', details: { spendable: '1' } }),
    );
  });

  test('of the largest amount leaves no coins', async () => {
    const request = { memo: 'all of it', sealed: true };
    await send({ to: 'ming', amount: maximumAmount(node, unlocked(alex), request), ...request });
    expect(node.mempool.spendable(alex.address)).toBe(0);
    expect(maximumAmount(node, unlocked(alex), {})).toBe('0');
  });

  test('pays the chosen fee, down to the lowest', async () => {
    const { minimumFee } = preview({ to: 'ming', amount: 1 });
    expect((await send({ to: 'ming', amount: 1, fee: minimumFee })).transaction.fee).toBe(Number(minimumFee) * 1_000_000);
    const rest = maximumAmount(node, unlocked(alex), { fee: '90' });
    expect(preview({ to: 'ming', amount: rest, fee: '90' }).balanceAfter).toBe('0');
  });

  test('seals its memo so that only the recipient can read it', async () => {
    const { id } = await send({ to: 'ming', amount: 1, memo: 'for you only', sealed: true });
    const readBy = async (session: AccountSession): Promise<unknown> =>
      (await new Views(node, session, globalThis.crypto.subtle).transaction(id))?.memo;
    expect(await readBy(unlocked(ming))).toBe('for you only');
    expect(await readBy(unlocked(alex))).toBeNull();
    expect(await readBy(new AccountSession(boundTo(ming)))).toBeNull();
  });

  test('accepts a number as its decimal text', () => {
    expect(preview({ to: 'ming', amount: 1.5, fee: 0.25 })).toEqual(preview({ to: 'ming', amount: '1.50', fee: '.25' }));
  });
});

describe('the recipient of a transfer', () => {
  test.each([
    ['a user name', 'ming'],
    ['an address', addressText(ming.address)],
    ['a payment link', `https://example.org/${formatNetworkLink(network)}&at=/transfer?to=ming%26amount=5`],
    ['an account’s page', `${formatNetworkLink(network)}&at=/account/${addressText(ming.address)}`],
  ])('may be given as %s', (_what, to) => {
    expect(resolveRecipient(node, to)).toBe(ming.address);
  });
});

describe('before signing, and in signing, a transfer is refused', () => {
  test.each<[code: string, what: string, request: unknown]>([
    ['recipient-unknown', 'to a name that nobody has', { to: 'nobody', amount: 1 }],
    ['recipient-invalid', 'without a recipient', { amount: 1 }],
    ['recipient-invalid', 'to what is no text', { to: 7, amount: 1 }],
    ['recipient-invalid', 'without a request', null],
    ['address-invalid', 'to an address with a wrong letter', { to: addressText(ming.address).slice(0, -1) + 'b', amount: 1 }],
    ['link-other-network', 'to a link of another network', { to: '#net=other&at=/account/ming', amount: 1 }],
    ['amount-invalid', 'without an amount', { to: 'ming' }],
    ['amount-invalid', 'of what is no number', { to: 'ming', amount: 'ten' }],
    ['amount-invalid', 'of a list', { to: 'ming', amount: [1] }],
    ['amount-ambiguous', 'of an amount with two readings', { to: 'ming', amount: '1,234' }],
    ['amount-not-positive', 'of nothing', { to: 'ming', amount: 0 }],
    ['amount-not-positive', 'of less than nothing', { to: 'ming', amount: '-1' }],
    ['amount-too-precise', 'of less than the smallest unit', { to: 'ming', amount: '0.0000001' }],
    ['amount-too-large', 'of more coins than there can be', { to: 'ming', amount: 1e10 }],
    ['fee-invalid', 'for a fee that is no number', { to: 'ming', amount: 1, fee: 'cheap' }],
    ['fee-invalid', 'for a fee of null', { to: 'ming', amount: 1, fee: null }],
    ['fee-invalid', 'for a fee below zero', { to: 'ming', amount: 1, fee: -1 }],
    ['fee-ambiguous', 'for a fee with two readings', { to: 'ming', amount: 1, fee: '1,234' }],
    ['fee-too-low', 'for less than the least fee', { to: 'ming', amount: 1, fee: '0.0001' }],
    ['memo-too-long', 'with a memo of 141 bytes', { to: 'ming', amount: 1, memo: 'é'.repeat(70) + 'x' }],
    ['memo-too-long', 'with a memo that is no text', { to: 'ming', amount: 1, memo: 7 }],
    ['memo-too-long', 'with a memo of a million letters', { to: 'ming', amount: 1, memo: 'x'.repeat(1e6) }],
    ['memo-invalid', 'with a memo that turns text around', { to: 'ming', amount: 1, memo: '\u202egnp.exe' }],
    ['memo-cannot-seal', 'with a memo sealed to whom has no key', { to: addressText(wu.address), amount: 1, memo: 'hi', sealed: true }],
    ['balance-insufficient', 'beyond the balance', { to: 'ming', amount: 101 }],
    ['balance-insufficient', 'whose fee is beyond the balance', { to: 'ming', amount: 100, fee: '0.01' }],
  ])('with %s: %s', async (code, _what, request) => {
    expect(() => preview(request as TransferRequest)).toThrow(expect.objectContaining({ code }));
    await expect(sign(request as TransferRequest)).rejects.toMatchObject({ code });
  });

  test('while the sender has no registration in a block, even with coins', async () => {
    expect(() => preview({ to: 'ming', amount: 1 }, lin)).toThrow(expect.objectContaining({ code: 'not-registered' }));
    await node.mempool.accept(registrationOf(network, lin), true);
    await expect(sign({ to: 'ming', amount: 1 }, lin)).rejects.toMatchObject({ code: 'not-registered' });
  });

  test('with advice: the lowest fee, the coins that are left, the unknown name', () => {
    const details = (request: TransferRequest): unknown => {
      try {
        return preview(request);
      } catch (error) {
        return (error as { details: unknown }).details;
      }
    };
    expect(details({ to: 'ming', amount: 1, fee: 0 })).toEqual({ minimum: preview({ to: 'ming', amount: 1 }).minimumFee });
    expect(details({ to: 'ming', amount: 200 })).toEqual({ spendable: '100' });
    expect(details({ to: 'nobody', amount: 1 })).toEqual({ name: 'nobody' });
  });

  test('only in signing, while the key is locked', async () => {
    const locked = new AccountSession(boundTo(alex));
    expect(previewTransfer(node, locked, { to: 'ming', amount: 1 })).toMatchObject({ nonce: 0 });
    const signing = signTransfer(fakeMachine(sqlJs, new MemoryRecords()), node, locked, { to: 'ming', amount: 1 });
    await expect(signing).rejects.toMatchObject({ code: 'locked' });
  });
});

describe('the largest amount', () => {
  test('is zero if the fee alone exceeds the balance', () => {
    expect(maximumAmount(node, unlocked(ming), {})).toBe('0');
    expect(maximumAmount(node, unlocked(alex), { fee: 1_000 })).toBe('0');
  });

  test.each([
    ['fee-invalid', { fee: 'cheap' }],
    ['memo-too-long', { memo: 'x'.repeat(141) }],
    ['memo-invalid', { memo: '\u0000' }],
  ])('is refused with %s as the transfer would be', (code, request) => {
    expect(() => maximumAmount(node, unlocked(alex), request)).toThrow(expect.objectContaining({ code }));
  });
});

describe('sending', () => {
  let medium: FaultyMedium;
  let tab: TestTab;
  beforeEach(async () => {
    const browser = new Browser();
    await browser.populate(sqlJs, alex);
    tab = new TestTab(sqlJs, browser, {
      openDisk: (name, fencingToken) => PageDisk.open((medium = new FaultyMedium(new MemoryMedium(browser.named(name)))), fencingToken),
    });
    await tab.open(alex);
    await tab.node.unlock(keysOf(alex));
  });

  test('ends when the transfer is on disk; meanwhile it waits in the mempool', async () => {
    let answer = (): void => undefined;
    medium.gate = new Promise((resolve) => (answer = resolve));
    let isSent = false;
    const sending = tab.node.transfer({ to: 'ming', amount: 3 }).then((sent) => {
      isSent = true;
      return sent;
    });
    await expect.poll(async () => (await tab.node.status()).mempool.count).toBe(2);
    await settle();
    expect(isSent).toBe(false);
    answer();
    const { txid } = await sending;
    expect(await tab.node.reads.transaction(txid)).toMatchObject({ status: 'pending', amount: '3' });
  });

  test('still ends if the disk refuses', async () => {
    medium.fault = 'refused';
    await tab.node.transfer({ to: 'ming', amount: 3 });
    expect(tab.problems()).toEqual(['storage-full']);
    expect(await tab.node.status()).toMatchObject({ mempool: { count: 2 }, persisted: { error: 'storage-full' } });
  });

  test('two at once gives each its own nonce', async () => {
    const both = await Promise.all([tab.node.transfer({ to: 'ming', amount: 1 }), tab.node.transfer({ to: 'ming', amount: 2 })]);
    const infos = await Promise.all(both.map(({ txid }) => tab.node.reads.transaction(txid)));
    expect(infos.map((info) => info?.nonce)).toEqual([2, 3]);
  });

  test('a refused one changes nothing', async () => {
    const before = await tab.node.status();
    await expect(tab.node.transfer({ to: 'ming', amount: 1_000 })).rejects.toMatchObject({ code: 'balance-insufficient' });
    expect(await tab.node.status()).toEqual(before);
  });
});
