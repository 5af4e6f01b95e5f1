import type { SqlJsStatic } from 'sql.js';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addressFingerprint, addressText } from '../../../src/crypto/address.ts';
import { AccountSession, openAccount } from '../../../src/node/own-account.ts';
import { BlockBuilder, registrationOf, testAccount, testNetwork } from '../../scenarios/support/builders.ts';
import { feed, loadSqlJs, openNode, type TestNode } from '../chain/support.ts';
import { boundTo, keysOf } from './support.ts';

const network = testNetwork();
const builder = new BlockBuilder(network);
const [alex, ming] = [testAccount('alex'), testAccount('ming')];
const registered = builder.next(builder.genesis, { transactions: [registrationOf(network, alex, { name: 'alexander' })] });

let sqlJs: SqlJsStatic;
let node: TestNode;
beforeAll(async () => {
  sqlJs = await loadSqlJs();
});
beforeEach(async () => {
  node = await openNode(sqlJs, network);
});

describe('an open account', () => {
  test('is described by data of its browser until the chain has more', async () => {
    const session = new AccountSession(boundTo(alex, false));
    const described = {
      name: 'alex',
      address: addressText(alex.address),
      fingerprint: addressFingerprint(alex.address),
      publicKey: '',
      registration: 'none',
      registrationError: null,
      locked: true,
      keyFileSaved: false,
      keyKept: true,
    };
    expect(session.describe(node)).toEqual(described);
    await feed(node, [registered]);
    const publicKey = expect.stringMatching(/^-----BEGIN PUBLIC KEY-----/);
    expect(session.describe(node)).toEqual({ ...described, name: 'alexander', publicKey, registration: 'confirmed' });
  });

  test('has the same public key from its own keys and from the chain', async () => {
    const session = new AccountSession(boundTo(alex));
    session.unlock(keysOf(alex));
    const { publicKey } = session.describe(node);
    await feed(node, [registered]);
    expect(new AccountSession(boundTo(alex)).describe(node).publicKey).toBe(publicKey);
  });

  test('gives its keys only when unlocked, and refuses those of another account', () => {
    const session = new AccountSession(boundTo(alex));
    expect(() => session.keys()).toThrow(expect.objectContaining({ code: 'locked' }));
    expect(() => session.unlock(keysOf(ming))).toThrow(expect.objectContaining({ code: 'key-file-invalid' }));
    expect([session.unlocked, session.describe(node).locked]).toEqual([null, true]);
    session.unlock(keysOf(alex));
    expect(session.keys()).toBe(session.unlocked);
    expect(session.describe(node).locked).toBe(false);
  });

  test('has the reason why its registration failed', async () => {
    await node.mempool.accept(registrationOf(network, ming), true);
    const session = new AccountSession(boundTo(ming));
    expect(session.describe(node)).toMatchObject({ registration: 'pending', registrationError: null });
    await feed(node, [builder.next(builder.genesis, { transactions: [registrationOf(network, alex, { name: 'ming' })] })]);
    expect(session.describe(node)).toMatchObject({ registration: 'none', registrationError: 'name-taken' });
  });

  test('is refused for an invalid address', () => {
    expect(() => new AccountSession({ ...boundTo(alex), address: 'tab1' })).toThrow(expect.objectContaining({ code: 'address-invalid' }));
  });

  test('is required, and refused with no-account if there is none', () => {
    const session = new AccountSession(boundTo(alex));
    expect(openAccount(session)).toBe(session);
    expect(() => openAccount(null)).toThrow(expect.objectContaining({ code: 'no-account' }));
  });
});
