import type { TabchainApi } from '../../src/api/api.ts';
import { waitUntil } from '../browser/harness/wait.ts';
import type { Examiner } from './examine.ts';
import { PASSPHRASE, type Acknowledged, type Profile } from './profile.ts';

/** Coins that an account must be able to send. */
const TEST_PAYMENT = '0.1';

/** What was found when the account was opened again. */
export interface Aftermath {
  readonly found: number;
  readonly tip: string;
  /** Acknowledged blocks that are missing. */
  readonly lost: number;
  /** Faults of the database or of the account. */
  readonly faults: readonly string[];
}

/**
 * Logs in and inspects the account. No peer may be reachable, because a peer could restore blocks that the disk has lost.
 * @param acknowledged what the node had reported to be on disk
 * @param fully whether all blocks are executed again
 */
export async function look(
  profile: Profile,
  examiner: Examiner,
  account: string,
  acknowledged: Acknowledged | null,
  fully: boolean,
): Promise<Aftermath> {
  const { tab } = profile;
  await tab.page.evaluate(gatherProblems);
  await profile.login(account);
  const { persisted, tip, height } = await tab.status();
  const faults: string[] = persisted.error === null ? [] : [`the disk says ${persisted.error}`];
  faults.push(...(await tab.page.evaluate(problems)));
  const lost = await lostBlocks(profile, acknowledged);
  faults.push(...(await examiner.faults(await tab.call('exportDatabase'), fully)));
  faults.push(...(await use(profile, account)));
  return { found: height, tip, lost, faults };
}

interface LookedAtPage {
  tabchain: TabchainApi;
  problems: string[];
}

/** Runs in the page: records the problems that the node reports, e.g. with its disk. */
function gatherProblems(): void {
  const page = globalThis as unknown as LookedAtPage;
  page.problems = [];
  page.tabchain.subscribe((event) => {
    if (event.type === 'problem') page.problems.push(`${event.code}: ${event.message}`);
  });
}

/** Runs in the page. */
function problems(): string[] {
  return (globalThis as unknown as LookedAtPage).problems;
}

/** Number of lost blocks. An acknowledged block must be on the chain, or on a branch with less work. */
async function lostBlocks({ tab }: Profile, acknowledged: Acknowledged | null): Promise<number> {
  if (!acknowledged?.tip) return 0;
  const { height, work } = await tab.status();
  const block = await tab.call('block', acknowledged.tip);
  // A deep losing branch is forgotten. Then the chain must have more work than the acknowledged chain had.
  const needed = BigInt(block?.cumulativeWork ?? acknowledged.work);
  const isThere = block?.active === true || (block ? BigInt(work) >= needed : BigInt(work) > needed);
  return isThere ? 0 : Math.max(1, acknowledged.height - height);
}

/** Checks that the account can pay: at once if it has coins, otherwise after mining some. */
async function use({ tab }: Profile, name: string): Promise<string[]> {
  try {
    const { account } = await tab.status();
    // The kill came before the registration was announced or was on disk.
    if (account?.registration === 'none') await tab.call('register', { name, passphrase: PASSPHRASE });
    await tab.call('mine', true, { threads: 1 });
    await waitUntil([tab], 'coins', ([s]) => s!.account?.registration === 'confirmed' && Number(s!.spendable) > 1);
    await tab.call('mine', false);
    const { txid } = await tab.call('transfer', { to: account!.address, amount: TEST_PAYMENT });
    const payment = await tab.call('transaction', txid);
    return payment?.status === 'pending' || payment?.status === 'confirmed' ? [] : [`a payment is ${payment?.status}`];
  } catch (error) {
    return [`the account is of no use: ${String(error)}`];
  }
}
