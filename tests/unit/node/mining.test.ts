import type { SqlJsStatic } from 'sql.js';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { MiningOptions } from '../../../src/api/api.ts';
import { MAX_THREADS } from '../../../src/miner/pool.ts';
import { createNetwork, formatNetworkLink } from '../../../src/protocol/network.ts';
import { loadSqlJs, NETWORK } from '../../fuzz/support/node.ts';
import { testAccount, TRIVIAL_BITS } from '../../scenarios/support/builders.ts';
import { boundTo, Browser, keysOf, tabOf, TestTab } from './support.ts';

const alex = testAccount('alex');

let sqlJs: SqlJsStatic;
let tab: TestTab;
beforeAll(async () => {
  sqlJs = await loadSqlJs();
});
beforeEach(async () => {
  tab = await tabOf(sqlJs, alex);
  await tab.open(alex);
});

describe('mining', () => {
  test('pays the open account, and reports its own blocks', async () => {
    const before = await tab.node.status();
    await tab.mine(2);
    const after = await tab.node.status();
    expect(Number(after.balance) - Number(before.balance)).toBeCloseTo(100, 2);
    expect(after.mining.blocks).toBe(before.mining.blocks + 2);
    expect(tab.ofType('block')).toMatchObject([
      { height: 5, own: true },
      { height: 6, own: true, id: after.tip },
    ]);
  });

  test('includes waiting transactions in its blocks, also those that arrive after mining began', async () => {
    await tab.node.unlock(keysOf(alex));
    await tab.node.mine(true);
    const { txid } = await tab.node.transfer({ to: 'ming', amount: 1 });
    await tab.mine(2);
    expect(await tab.node.reads.transaction(txid)).toMatchObject({ status: 'confirmed' });
    expect((await tab.node.status()).mempool.count).toBe(0);
  });

  test('ends on request', async () => {
    await tab.node.mine(true);
    expect(await tab.node.mine(false)).toMatchObject({ on: false, hashrate: 0, expectedSeconds: null, eased: null, waiting: null });
    await tab.time.advance(10_000);
    expect((await tab.node.status()).height).toBe(4);
  });

  test('keeps settings that are not given', async () => {
    expect(await tab.node.mine(true, { threads: 3, throttle: 40 })).toMatchObject({ threads: 3, throttle: 40, gpu: 'unavailable' });
    expect(await tab.node.mine(true, { throttle: 50 })).toMatchObject({ threads: 3, throttle: 50 });
    expect(await tab.node.mine(true)).toMatchObject({ threads: 3, throttle: 50 });
  });

  test.each<[code: string, options: MiningOptions]>([
    ['threads-invalid', { threads: 0 }],
    ['threads-invalid', { threads: 1.5 }],
    ['threads-invalid', { threads: MAX_THREADS + 1 }],
    ['throttle-invalid', { throttle: 0 }],
    ['throttle-invalid', { throttle: 101 }],
    ['gpu-unavailable', { gpu: true }],
  ])('is refused with %s for %j, and goes on as before', async (code, options) => {
    await tab.node.mine(true, { threads: 2 });
    await expect(tab.node.mine(true, options)).rejects.toMatchObject({ code });
    expect((await tab.node.status()).mining).toMatchObject({ on: true, threads: 2, throttle: 100 });
  });

  test('is throttled on battery, and in the background only if the person asked for that', async () => {
    await tab.node.mine(true);
    const eased = async (onBattery: boolean, hidden: boolean) => {
      tab.node.setDeviceState({ onBattery, hidden });
      return (await tab.node.status()).mining.eased;
    };
    expect([await eased(false, true), await eased(true, false), await eased(false, false)]).toEqual([null, 'battery', null]);
    await tab.node.mine(true, { easeOnBattery: false, easeWhenHidden: true });
    expect([await eased(true, false), await eased(false, true)]).toEqual([null, 'hidden']);
  });

  test('waits for a network that opens later', async () => {
    const later = { label: 'later', powLimitBits: TRIVIAL_BITS, genesisTimeMs: tab.time.now() + 60_000 };
    const fragment = formatNetworkLink(createNetwork(later));
    await tab.node.open({ fragment, binding: { account: boundTo(alex), fencingToken: 'a' }, chainChoice: 'whole', secure: true });
    expect(await tab.node.mine(true)).toMatchObject({ on: true, waiting: 'not-open' });
    await tab.time.advance(59_000);
    expect((await tab.node.status()).height).toBe(0);
    await tab.time.advance(30_000);
    expect(await tab.node.status()).toMatchObject({ mining: { waiting: null } });
    expect((await tab.node.status()).height).toBeGreaterThan(0);
  });

  test('waits if this clock was set back behind the tip', async () => {
    const browser = new Browser();
    await browser.populate(sqlJs, alex);
    const early = NETWORK.genesisTimeMs;
    const late = new TestTab(sqlJs, browser, { clock: { now: () => early, monotonic: () => 0 } });
    await late.open(alex);
    expect(await late.node.mine(true)).toMatchObject({ on: true, waiting: 'clock' });
  });
});
