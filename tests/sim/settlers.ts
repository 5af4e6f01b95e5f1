import { ACCOUNT_COUNT, simAccount } from './engine/keys.ts';
import { REGISTERED, type LongChain, type StoredChain } from './long-chain.ts';
import type { SimTab } from './tab.ts';
import type { World } from './world.ts';

/**
 * Distributes a long chain among the tabs of a world that begins with it. Some have the chain, at least the first. Some are new devices of
 * people whose account is on the chain. The others are guests, at least one.
 */
export function settle(world: World, { main, branch }: LongChain): void {
  const rng = world.rng.fork('settlers');
  const newcomer = world.honest().at(-1)!;
  for (const tab of world.tabs) {
    const hasBranch = branch !== null && tab.index === 1;
    const isNew = tab === newcomer || (tab.index > 0 && !tab.hostile && !hasBranch && rng.chance(0.5));
    const isKnown = tab.index < REGISTERED && (!isNew || (!tab.twin && rng.chance(0.4) && tab !== newcomer));
    if (isKnown) {
      tab.bound = true;
      tab.registrationAsked = true;
      tab.userName = tab.twin ? 'user0' : `user${tab.index}`;
    } else if (!tab.twin && tab.account) renew(tab);
    if (!isNew && tab.bound) give(tab, hasBranch ? branch : main);
    // By then newcomers use the other branch.
    if (hasBranch && !isNew) tab.opensAtMs = world.plan.chaosMs * (0.3 + 0.5 * rng.float());
    if (tab.index > 0 && !tab.hostile) tab.choice = rng.pick(['whole', 'whole', 'whole', 'recent', 'replay']);
  }
}

/** Gives a tab an account that is not on the chain. */
function renew(tab: SimTab): void {
  const index = tab.index + REGISTERED;
  tab.account = index < ACCOUNT_COUNT ? simAccount(index) : null;
  if (tab.userName !== 'user0') tab.userName = `user${index}`;
}

/** Puts a stored chain on a tab's disk. */
function give(tab: SimTab, { records, work }: StoredChain): void {
  tab.disk(tab.databaseName()).copy(records);
  tab.persistedWork = work;
}
