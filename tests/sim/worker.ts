/** One of several processes that run seeds: {@link Crowd} tells it which, and gets the results. */
import type { Order } from './processes.ts';
import { loadSqlJs, runSeed } from './run.ts';

const sqlJs = await loadSqlJs();

process.on('message', ({ seed, options }: Order) => {
  void runSeed(seed, sqlJs, options).then((result) => process.send!(result));
});
