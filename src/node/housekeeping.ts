import type { Env } from './env.ts';
import type { Ledger } from './ledger.ts';

const INTERVAL_MS = 1_000;

/**
 * Looks now and then at what no event tells: blocks held because they were ahead of this clock, and transactions that expire.
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
