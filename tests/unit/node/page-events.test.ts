import type { SqlJsStatic } from 'sql.js';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Status } from '../../../src/api/api.ts';
import { addressText } from '../../../src/crypto/address.ts';
import { loadSqlJs } from '../../fuzz/support/node.ts';
import { testAccount, type TestAccount } from '../../scenarios/support/builders.ts';
import { MemoryNetwork } from '../net/support/memory-transport.ts';
import { Browser, keysOf, tabOf, TestTab } from './support.ts';

// Events that a node sends to its page unasked.

const [alex, ming] = [testAccount('alex'), testAccount('ming')];

let sqlJs: SqlJsStatic;
let tab: TestTab;
beforeAll(async () => {
  sqlJs = await loadSqlJs();
});
beforeEach(async () => {
  tab = await tabOf(sqlJs, alex);
});

const statuses = (): Status[] => tab.ofType('status').map(({ status }) => status);

describe('a status', () => {
  test('is sent soon after a change, and once a second without any', async () => {
    await tab.open(alex);
    await tab.time.advance(10_000);
    expect(statuses().length).toBeGreaterThanOrEqual(10);
    expect(statuses().length).toBeLessThanOrEqual(12);
    expect(new Set(statuses().map(({ revision }) => revision)).size).toBe(1);
  });

  test('is not sent before the node is open', async () => {
    tab.node.setSignaling('connected');
    tab.node.setDeviceState({ onBattery: true, hidden: false });
    await tab.node.setLinks('closed');
    await tab.time.advance(5_000);
    expect(tab.events).toEqual([]);
    // Settings that the page has sent meanwhile count.
    expect(await tab.open(alex)).toMatchObject({ sync: { state: 'offline', signaling: 'off' } });
  });

  test('includes what the page knows better: the server, the links, the context', async () => {
    await tab.open(alex);
    expect((await tab.node.status()).sync).toMatchObject({ state: 'searching', signaling: 'connecting' });
    tab.node.setSignaling('unreachable');
    await tab.time.advance(300);
    expect(statuses().at(-1)!.sync).toMatchObject({ state: 'searching', signaling: 'unreachable' });
    await tab.node.setLinks('closed');
    await tab.time.advance(300);
    expect(statuses().at(-1)!.sync).toMatchObject({ state: 'offline', signaling: 'off' });
    await tab.node.setLinks('team');
    expect((await tab.node.status()).sync).toMatchObject({ state: 'searching', signaling: 'unreachable', team: true });
    await tab.node.setLinks('open');
    expect((await tab.node.status()).sync).toMatchObject({ state: 'searching', signaling: 'unreachable', team: false });
  });

  test('has a new revision whenever a list on screen could change, and only then', async () => {
    await tab.open(alex);
    const revision = async (): Promise<number> => (await tab.node.status()).revision;
    const changes: [what: string, change: () => Promise<unknown>][] = [
      ['unlocked', () => tab.node.unlock(keysOf(alex))],
      ['paid', () => tab.node.transfer({ to: 'ming', amount: 1 })],
      ['locked', () => tab.node.lock()],
      ['unlocked again', () => tab.node.unlock(keysOf(alex))],
      ['mined', () => tab.mine()],
      ['saved the key file', () => tab.node.keyFileSaved(true)],
      ['logged out', () => tab.node.unbind()],
    ];
    for (const [what, change] of changes) {
      const before = await revision();
      await change();
      expect(await revision(), what).toBeGreaterThan(before);
    }
    const before = await revision();
    tab.node.setSignaling('connected');
    await tab.node.reads.history({ account: 'alex' });
    await tab.time.advance(2_000);
    expect(await revision()).toBe(before);
  });
});

describe('messages of other tabs', () => {
  /** Two tabs of different browsers with a link between them. */
  async function linked(accounts: readonly [TestAccount, TestAccount]): Promise<[TestTab, TestTab]> {
    const { time } = tab;
    const links = new MemoryNetwork(time);
    const transports = ['aaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbb'].map((peerId) => links.transport(peerId));
    const tabs: TestTab[] = [];
    for (const [index, account] of accounts.entries()) {
      const browser = new Browser();
      await browser.populate(sqlJs, account);
      const next = new TestTab(sqlJs, browser, { transport: transports[index]! }, time);
      await next.open(account, 'this tab');
      await next.node.unlock(keysOf(account));
      tabs.push(next);
    }
    links.connect(transports[0]!, transports[1]!);
    await time.advance(2_000);
    return tabs as [TestTab, TestTab];
  }

  test('a payment is reported to recipient and sender when a block has it', async () => {
    const [sender, recipient] = await linked([alex, ming]);
    const { txid } = await sender.node.transfer({ to: 'ming', amount: '1.25' });
    await tab.time.advance(2_000);
    expect((await recipient.node.reads.mempool()).items.map(({ txid }) => txid)).toContain(txid);
    await recipient.mine();
    await tab.time.advance(2_000);
    const [block] = recipient.ofType('block');
    expect([block!.own, sender.ofType('block')]).toEqual([true, [{ ...block!, own: false }]]);
    const from = { address: addressText(alex.address), name: 'alex' };
    expect(recipient.ofType('received')).toContainEqual({ type: 'received', txid, from, amount: '1.25' });
    expect(sender.ofType('confirmed')).toContainEqual({ type: 'confirmed', txid, height: block!.height });
    expect(sender.ofType('dropped')).toEqual([]);
  });

  test('the owner of a transfer is told that another one has replaced it', async () => {
    // The same keys in another browser.
    const [here, elsewhere] = await linked([alex, alex]);
    const { txid } = await here.node.transfer({ to: 'ming', amount: 1, fee: '0.001' });
    await elsewhere.node.transfer({ to: 'ming', amount: 2, fee: '0.01' });
    await tab.time.advance(5_000);
    expect(here.ofType('dropped')).toEqual([{ type: 'dropped', txid, code: 'replaced' }]);
    expect(elsewhere.ofType('dropped')).toEqual([]);
  });
});
