import type { Env } from './env.ts';
import type { Ledger } from './ledger.ts';

const INTERVAL_MS = 1_000;

/**
 * Does each second the work that no event triggers: imports held blocks whose time has come, and drops expired transactions.
 * @param ledgers the ledger in use, then the others
 * @param more further work of the same kind
 * @param enqueue runs a task inside the mailbox
 */
export function keepHouse(
  env: Pick<Env, 'clock' | 'timers'>,
  ledgers: () => readonly Ledger[],
  more: () => Promise<void>,
  enqueue: (task: () => Promise<void>) => void,
): void {
  const { clock, timers } = env;
  timers.set(() => {
    enqueue(async () => {
      for (const { chain } of ledgers()) {
        const dueMs = chain.heldUntilMs();
        if (dueMs !== null && dueMs <= clock.now()) await chain.retryHeld(clock.now());
      }
      ledgers()[0]?.mempool.expire();
      await more();
    });
    keepHouse(env, ledgers, more, enqueue);
  }, INTERVAL_MS);
}
