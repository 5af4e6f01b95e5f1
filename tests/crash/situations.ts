import type { TabchainApi } from '../../src/api/api.ts';
import { waitUntil } from '../browser/harness/wait.ts';
import type { Neighbour } from './neighbour.ts';
import { PASSPHRASE, type Profile } from './profile.ts';

/** What the tab is doing when the kill comes. */
export type Situation = 'mining' | 'syncing' | 'reorganising' | 'checkpoint';

/** The account that has the base chain from the beginning. */
export const OWNER = 'alex';

/** The tab is at work; the kill comes `killMs` from now. */
export interface Prepared {
  readonly account: string;
  readonly killMs: readonly [earliest: number, latest: number];
  /** Whether the kill came in the middle, judged by the blocks found on disk afterwards; null if it always does. */
  readonly isMidway: ((found: { height: number; tip: string }) => boolean) | null;
}

/** Time from the start of mining to the kill. */
const MINING_MS = [150, 2_500] as const;
/** Time to mine a branch of some blocks. */
const BRANCH_MS = 1_500;
/** Time to connect, request a branch of some blocks, change to it and write it, from the first sign of a neighbour. */
const REORGANISING_MS = [0, 250] as const;
/** Most of the time that catching up takes, per megabyte of the longer chain. */
const SYNCING_MS_PER_MB = 120;
/** Most of the time that writing a whole image takes. */
const CHECKPOINT_MIN_MS = 20;
const CHECKPOINT_MS_PER_MB = 8;

/** The tab mines and pays. */
export async function mining(profile: Profile): Promise<Prepared> {
  await profile.login(OWNER);
  await profile.watch();
  await mineAndPay(profile);
  return { account: OWNER, killMs: MINING_MS, isMidway: null };
}

async function mineAndPay({ tab }: Profile): Promise<void> {
  await tab.call('mine', true, { threads: 1 });
  await tab.page.evaluate(pay);
}

/**
 * The tab learns of a longer chain. Its account has no blocks yet, or those that it had at the last kill.
 * @param account used only for this situation
 * @param isNew whether to register the account now, while no peer is reachable
 */
export async function syncing(profile: Profile, neighbour: Neighbour, account: string, isNew: boolean): Promise<Prepared> {
  await profile.openTab();
  const { tab } = profile;
  if (isNew) await tab.call('register', { name: account, passphrase: PASSPHRASE });
  else await profile.login(account);
  const { tip, work } = await tab.status();
  await neighbour.mineBeyond(BigInt(work));
  const target = await neighbour.tab.status();
  await profile.watch();
  await neighbour.connect();
  await tab.page.evaluate(untilReached, { movedFrom: tip, linked: false });
  const latest = SYNCING_MS_PER_MB * profile.base.megabytes;
  return { account, killMs: [0, latest], isMidway: (found) => found.height < target.height };
}

/** The tab has its own branch when it learns of a heavier one. */
export async function reorganising(profile: Profile, neighbour: Neighbour): Promise<Prepared> {
  await profile.login(OWNER);
  const { tab } = profile;
  await neighbour.agreeWith(tab);
  await neighbour.disconnect();
  await waitUntil([tab], 'the tab alone', ([status]) => status!.peers.length === 0);
  await profile.watch();
  const { height } = await tab.status();
  await mineAndPay(profile);
  await tab.page.waitForTimeout(BRANCH_MS);
  await waitUntil([tab], 'a branch', ([status]) => status!.persisted.height > height + 1);
  await tab.call('mine', false);
  const { work, tip } = await tab.status();
  await neighbour.mineBeyond(BigInt(work));
  await neighbour.connect();
  await tab.page.evaluate(untilReached, { movedFrom: tip, linked: true });
  return { account: OWNER, killMs: REORGANISING_MS, isMidway: (found) => found.tip === tip };
}

/** The whole chain in memory is written into the database of a new account. */
export async function checkpoint(profile: Profile, account: string): Promise<Prepared> {
  await profile.login(OWNER);
  const { tab } = profile;
  const { height, persisted } = await tab.status();
  await tab.call('logout');
  await profile.watch();
  await tab.page.evaluate(registerUntilWriting, [account, PASSPHRASE] as const);
  const latest = CHECKPOINT_MIN_MS + (persisted.bytes / 1e6) * CHECKPOINT_MS_PER_MB;
  return { account, killMs: [0, latest], isMidway: (found) => found.height < height };
}

interface NodePage {
  tabchain: TabchainApi;
}

/** Runs in the page: sends coins to its own account again and again. */
function pay(): void {
  const { tabchain } = globalThis as unknown as NodePage;
  void (async () => {
    for (let i = 0; ; i++) {
      const { account } = await tabchain.status();
      if (account) await tabchain.transfer({ to: account.address, amount: '0.5', memo: `payment ${i}` }).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
  })();
}

/** Runs in the page: returns when the tip changes, or (`linked`) when a neighbour appears that may announce a new tip. */
async function untilReached({ movedFrom, linked }: { movedFrom: string; linked: boolean }): Promise<void> {
  const { tabchain } = globalThis as unknown as NodePage;
  for (;;) {
    const { tip, peers } = await tabchain.status();
    if (tip !== movedFrom || (linked && peers.length > 0)) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Runs in the page: returns when the new account's database is open and writing begins. */
async function registerUntilWriting([name, passphrase]: readonly [string, string]): Promise<void> {
  const { tabchain } = globalThis as unknown as NodePage;
  const before = new Set((await indexedDB.databases()).map((each) => each.name));
  void tabchain.register({ name, passphrase });
  // The page may first create the database that renews the browser's log.
  while ((await indexedDB.databases()).every((each) => before.has(each.name) || !each.name!.startsWith('tabchain:'))) {
    await new Promise((resolve) => setTimeout(resolve));
  }
}
