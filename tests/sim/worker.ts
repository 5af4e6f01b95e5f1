/** One of several processes that run seeds. {@link Crowd} sends each seed and receives the result. */
import type { Order } from './processes.ts';
import { loadSqlJs, runSeed, type RunOptions } from './run.ts';

const sqlJs = await loadSqlJs();

process.on('message', ({ seed, options }: Order<RunOptions>) => {
  void runSeed(seed, sqlJs, options).then((result) => process.send!(result));
});
