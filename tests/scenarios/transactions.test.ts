import { describe, expect, test } from 'vitest';
import { checkBlock, connectBlock } from '../../src/consensus/block.ts';
import { RULES } from '../../src/consensus/rule-error.ts';
import { StateOverlay } from '../../src/consensus/state-overlay.ts';
import { StateTree } from '../../src/consensus/state-tree.ts';
import { applyTransaction, checkTransaction, signatureItem } from '../../src/consensus/transaction.ts';
import type { SignatureVerifier } from '../../src/crypto/rsa/verifier.ts';
import { MAX_SUPPLY } from '../../src/protocol/amount.ts';
import { networkTag, signedMessage, type DecodedTransaction, type Transfer } from '../../src/protocol/transaction.ts';
import { bigIntToBytes, bytesToBigInt } from '../../src/util/bytes.ts';
import { errorCode } from '../../src/util/errors.ts';
import texts from '../vectors/texts.json' with { type: 'json' };
import {
  BlockBuilder,
  NOBODY,
  registrationOf,
  signMessage,
  testAccount,
  testNetwork,
  transferOf,
  type RegistrationOverrides,
  type TransferOptions,
  testVerifier,
} from './support/builders.ts';

const [alex, ming, wu] = [testAccount('alex'), testAccount('ming'), testAccount('wu')];

/**
 * ```
 * genesis ── mined by alex ── mined by wu, who is not registered; registers alex and ming
 * ```
 */
const b = new BlockBuilder();
const { network } = b;
const SUBSIDY = network.subsidy;
const first = b.next(b.genesis, { miner: alex });
const tip = b.next(first, { miner: wu, transactions: [registrationOf(network, alex), registrationOf(network, ming)] });
const state = b.stateAfter(tip);

/** Code of the first rule that the transactions break, applied in order; 'none' if none. */
function codeOf(...transactions: readonly DecodedTransaction[]): string {
  const overlay = new StateOverlay(state);
  try {
    for (const transaction of transactions) {
      checkTransaction(network, transaction);
      applyTransaction(network, transaction, overlay, b.verifier, 0);
    }
    return 'none';
  } catch (error) {
    return errorCode(error);
  }
}

function thrownBy(run: () => unknown): string {
  try {
    run();
    return 'none';
  } catch (error) {
    return errorCode(error);
  }
}

const pay = (options: Partial<TransferOptions> = {}): DecodedTransaction<Transfer> =>
  transferOf(network, alex, { to: ming, amount: 1, nonce: 0, ...options });

describe('transfers by name', () => {
  test.each<[string, Partial<TransferOptions>, string]>([
    ['valid', {}, 'none'],
    ['to an unregistered address', { to: NOBODY }, 'none'],
    ['with memo', { memo: '午餐 🍜' }, 'none'],
    ['with a sealed memo, whose content cannot be checked', { memo: { kind: 'sealed', ciphertext: new Uint8Array(256) } }, 'none'],
    ['everything, fee included', { amount: SUBSIDY - 3, fee: 3 }, 'none'],
    ['amount zero', { amount: 0 }, 'amount-not-positive'],
    ['amount and fee above the supply', { amount: MAX_SUPPLY, fee: 1 }, 'amount-too-large'],
    ['fee above the supply', { amount: 1, fee: MAX_SUPPLY }, 'amount-too-large'],
    ['amount of the whole supply', { amount: MAX_SUPPLY }, 'balance-insufficient'],
    ['one unit more than the balance', { amount: SUBSIDY + 1 }, 'balance-insufficient'],
    ['enough for the amount, not for the fee', { amount: SUBSIDY, fee: 1 }, 'balance-insufficient'],
    ['nonce gap', { nonce: 1 }, 'nonce-gap'],
    ['the largest nonce', { nonce: 0xffffffff }, 'nonce-gap'],
    ['memo with a line break', { memo: 'a\nb' }, 'memo-invalid'],
    ['memo with a bidi override', { memo: 'pay \u202e001' }, 'memo-invalid'],
    ['another network’s tag', { overrides: { networkTag: (networkTag(network.id) ^ 1) >>> 0 } }, 'transaction-other-network'],
    ['signature of zeros', { overrides: { signature: new Uint8Array(256) } }, 'signature-invalid'],
    ['from an account that does not exist', { overrides: { sender: NOBODY } }, 'sender-not-registered'],
    ['from an account with coins but no key', { overrides: { sender: wu.address } }, 'sender-not-registered'],
  ])('%s', (_, options, code) => {
    expect(codeOf(pay(options))).toBe(code);
  });

  test('replay: the same transfer again', () => {
    expect(codeOf(pay(), pay())).toBe('nonce-already-used');
  });

  test('another network’s transaction, by tag', () => {
    expect(codeOf(transferOf(testNetwork({ label: 'other' }), alex, { to: ming, amount: 1, nonce: 0 }))).toBe('transaction-other-network');
  });

  test('another network’s transaction, even where the four bytes of the tag agree', () => {
    const twin = { ...network, id: network.id.slice(0, 8) + '0'.repeat(56) };
    expect(codeOf(transferOf(twin, alex, { to: ming, amount: 1, nonce: 0 }))).toBe('signature-invalid');
  });

  test('overspend across queued transactions', () => {
    const half = Math.ceil(SUBSIDY / 2);
    expect(codeOf(pay({ amount: half, nonce: 0 }), pay({ amount: half + 1, nonce: 1 }))).toBe('balance-insufficient');
    expect(codeOf(pay({ amount: half, nonce: 0 }), pay({ amount: SUBSIDY - half, nonce: 1 }))).toBe('none');
  });

  test('coins received can be sent on in the same block', () => {
    const back = transferOf(network, ming, { to: alex, amount: 3, nonce: 0 });
    expect(codeOf(back)).toBe('balance-insufficient');
    expect(codeOf(pay({ amount: 3 }), back)).toBe('none');
  });

  test('to oneself: the balance must cover amount and fee, and only the fee is spent', () => {
    const overlay = new StateOverlay(state);
    applyTransaction(network, pay({ to: alex, amount: SUBSIDY - 2, fee: 2 }), overlay, b.verifier, 0);
    expect(overlay.account(alex.address)).toMatchObject({ balance: SUBSIDY - 2, nonce: 1 });
    expect(codeOf(pay({ to: alex, amount: SUBSIDY, fee: 1 }))).toBe('balance-insufficient');
  });

  test('a registered account without coins stays and keeps its nonce', () => {
    const overlay = new StateOverlay(state);
    applyTransaction(network, pay({ amount: SUBSIDY }), overlay, b.verifier, 0);
    expect(overlay.account(alex.address)).toMatchObject({ balance: 0, nonce: 1 });
  });
});

describe('signatures by name', () => {
  const body = pay().transaction;
  const message = signedMessage(network.id, body);
  const signature = signMessage(alex.signingKey, message);
  const with_ = (bytes: Uint8Array): DecodedTransaction => pay({ overrides: { signature: bytes } });

  test('as OpenSSL makes it', () => {
    expect(codeOf(with_(signature))).toBe('none');
  });

  test('another account’s', () => {
    expect(codeOf(with_(signMessage(ming.signingKey, message)))).toBe('signature-invalid');
  });

  test('of another message', () => {
    expect(codeOf(with_(signMessage(alex.signingKey, signedMessage(network.id, { ...body, amount: 2 }))))).toBe('signature-invalid');
  });

  test('n - s, and s + n if it fits', () => {
    const n = bytesToBigInt(alex.signingModulus);
    const s = bytesToBigInt(signature);
    expect(codeOf(with_(bigIntToBytes(n - s, 256)))).toBe('signature-invalid');
    expect(codeOf(with_(alex.signingModulus))).toBe('signature-invalid');
    if (s + n < 1n << 2048n) expect(codeOf(with_(bigIntToBytes(s + n, 256)))).toBe('signature-invalid');
  });

  test('any one bit wrong', () => {
    for (const at of [0, 1, 128, 254, 255]) {
      const wrong = signature.slice();
      wrong[at]! ^= 1;
      expect(codeOf(with_(wrong))).toBe('signature-invalid');
    }
  });

  test('the most expensive check comes last: no cheaper breach reaches the verifier', () => {
    const asked: string[] = [];
    const counting: SignatureVerifier = {
      verify: (item) => {
        asked.push(item.key);
        return false;
      },
      prefetch: () => Promise.resolve(),
    };
    const breaches = [
      pay({ nonce: 1 }),
      pay({ amount: SUBSIDY + 1 }),
      pay({ overrides: { sender: NOBODY } }),
      registrationOf(network, alex),
      registrationOf(network, wu, { name: 'ming' }),
    ];
    for (const breach of breaches) {
      expect(thrownBy(() => applyTransaction(network, breach, new StateOverlay(state), counting, 0))).not.toBe('signature-invalid');
    }
    expect(asked).toEqual([]);
    expect(thrownBy(() => applyTransaction(network, pay(), new StateOverlay(state), counting, 0))).toBe('signature-invalid');
    expect(asked).toHaveLength(1);
  });

  test('a result is cached for one key, message and signature only', () => {
    const key = (transaction: DecodedTransaction, net = network): string => signatureItem(net, transaction, state)!.key;
    const other = { ...network, id: '00'.repeat(32) };
    const keys = [key(pay()), key(pay({ amount: 2 })), key(with_(new Uint8Array(256))), key(pay(), other)];
    expect(new Set(keys).size).toBe(keys.length);
    expect(key(pay())).toBe(keys[0]);

    const account = state.account(alex.address)!;
    const swapped = new StateOverlay(state);
    swapped.put({ ...account, registration: { ...account.registration!, signingModulus: ming.signingModulus } });
    const verifier = testVerifier();
    const verdicts = [state, swapped, state].map((view) => verifier.verify(signatureItem(network, pay(), view)!));
    expect(verdicts).toEqual([true, false, true]);
  });

  test('nothing to verify for a sender without key', () => {
    expect(signatureItem(network, transferOf(network, wu, { to: alex, amount: 1, nonce: 0 }), state)).toBeNull();
    expect(signatureItem(network, registrationOf(network, wu), state)).not.toBeNull();
  });
});

describe('registrations by name', () => {
  const evenModulus = alex.signingModulus.slice();
  evenModulus[255]! &= 0xfe;
  const shortModulus = alex.signingModulus.slice();
  shortModulus[0]! &= 0x7f;

  test.each<[string, RegistrationOverrides, string]>([
    ['valid', {}, 'none'],
    ['name taken', { name: 'alex' }, 'name-taken'],
    ['even signing modulus', { signingModulus: evenModulus }, 'modulus-invalid'],
    ['signing modulus of 2047 bits', { signingModulus: shortModulus }, 'modulus-invalid'],
    ['even encryption modulus', { encryptionModulus: evenModulus }, 'modulus-invalid'],
    ['encryption modulus of 2047 bits', { encryptionModulus: shortModulus }, 'modulus-invalid'],
    ['modulus of zeros', { encryptionModulus: new Uint8Array(256) }, 'modulus-invalid'],
    ['another network’s tag', { networkTag: 0 }, 'transaction-other-network'],
    ['signature of zeros', { signature: new Uint8Array(256) }, 'signature-invalid'],
    ['signed by another key than it registers', { signingModulus: testAccount('kai').signingModulus }, 'signature-invalid'],
  ])('%s', (_, overrides, code) => {
    expect(codeOf(registrationOf(network, wu, overrides))).toBe(code);
  });

  test.each(texts.namesValid)('name %j', (name) => {
    const code = codeOf(registrationOf(network, wu, { name }));
    expect(code).toBe(name === 'alex' ? 'name-taken' : 'none');
  });

  // Longer names have no encoding at all (see the codec's tests).
  test.each(texts.namesInvalid.filter((name) => Buffer.byteLength(name) <= 20))('name invalid: %j', (name) => {
    expect(codeOf(registrationOf(network, wu, { name }))).toBe('name-invalid');
  });

  test('stamp of too little work, or made for other bytes', () => {
    const hard = { ...network, stampBits: 0x1f00ffff };
    const easy = registrationOf(network, wu);
    const made = registrationOf(hard, wu);
    expect(thrownBy(() => checkTransaction(hard, made))).toBe('none');
    expect(thrownBy(() => checkTransaction(hard, easy))).toBe('stamp-invalid');
    expect(thrownBy(() => checkTransaction(hard, registrationOf(hard, wu, { name: 'wu_2', stamp: made.transaction.stamp })))).toBe(
      'stamp-invalid',
    );
  });

  test('already registered, under the same or another name', () => {
    expect(codeOf(registrationOf(network, alex))).toBe('already-registered');
    expect(codeOf(registrationOf(network, alex, { name: 'alexander' }))).toBe('already-registered');
    expect(codeOf(registrationOf(network, wu), registrationOf(network, wu, { name: 'wu_2' }))).toBe('already-registered');
  });

  test('name race in one block: the first wins, the second makes the block invalid', () => {
    const kai = testAccount('kai');
    const race = [registrationOf(network, wu, { name: 'same' }), registrationOf(network, kai, { name: 'same' })];
    expect(codeOf(...race)).toBe('name-taken');
    const block = b.next(tip, { transactions: race, unexecuted: true });
    const run = (): unknown =>
      connectBlock(network, checkBlock(network, block), tip.header, state, StateTree.build(state.accounts()), b.verifier);
    expect(thrownBy(run)).toBe('name-taken');
    const alone = b.next(tip, { transactions: race.slice(1) });
    expect(b.stateAfter(alone).addressOfName('same')).toBe(kai.address);
  });

  test('keeps the coins from before', () => {
    const overlay = new StateOverlay(state);
    applyTransaction(network, registrationOf(network, wu), overlay, b.verifier, 0);
    expect(overlay.account(wu.address)).toMatchObject({ balance: SUBSIDY, nonce: 0, registration: { name: 'wu' } });
  });
});

test('every rule has a description, and codes are kebab-case', () => {
  for (const [code, description] of Object.entries(RULES)) {
    expect(code).toMatch(/^[a-z]+(-[a-z]+)+$/);
    expect(description).toMatch(/^[A-Z].*\.$/);
  }
});
