import type { ChainPort, MempoolPort } from '../chain/port.ts';
import type { Log } from '../util/log.ts';
import type { Clock, Random } from '../util/ports.ts';
import type { Session } from './session.ts';

/** The state that the parts of the network layer share. Chain and mempool may be replaced while links are open. */
export interface NetContext {
  chain: ChainPort;
  mempool: MempoolPort;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Sessions that have exchanged hellos. */
  ready(): Session[];
  /** Runs a task in the mailbox after `delayMs` (default 0), behind waiting tasks and messages that have just arrived. */
  later(task: () => Promise<void>, delayMs?: number): void;
  /** Ends the link after a provable breach by its peer; throws any other error. */
  judge(session: Session, error: unknown): void;
  /** Reports that a figure of the status has changed. */
  changed(): void;
}
