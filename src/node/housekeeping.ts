import type { Env } from './env.ts';
import type { Ledger } from './ledger.ts';

const INTERVAL_MS = 1_000;

/**
 * Does each second the work that no event triggers: imports held blocks whose time has come, and drops expired transactions.
 * @param enqueue runs a task inside the mailbox
 */
export function keepHouse(env: Pick<Env, 'clock' | 'timers'>, ledger: () => Ledger, enqueue: (task: () => Promise<void>) => void): void {
  const { clock, timers } = env;
  timers.set(() => {
    enqueue(async () => {
      const { chain, mempool } = ledger();
      const dueMs = chain.heldUntilMs();
      if (dueMs !== null && dueMs <= clock.now()) await chain.retryHeld(clock.now());
      mempool.expire();
    });
    keepHouse(env, ledger, enqueue);
  }, INTERVAL_MS);
}
