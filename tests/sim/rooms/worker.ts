/** One of several processes that run rooms. */
import type { Order } from '../processes.ts';
import { runRoom, type RoomOptions } from './run.ts';

process.on('message', ({ seed, options }: Order<RoomOptions>) => {
  void runRoom(seed, options).then((result) => process.send!(result));
});
