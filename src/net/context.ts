import type { ChainPort, MempoolPort } from '../chain/port.ts';
import type { Log } from '../util/log.ts';
import type { Clock, Random } from '../util/ports.ts';
import type { Session } from './session.ts';

/** What the parts of the network layer share; the chain may be exchanged under running links. */
export interface NetContext {
  chain: ChainPort;
  mempool: MempoolPort;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Sessions that have exchanged hellos. */
  ready(): Session[];
  /** Runs a task in the mailbox, behind what waits there and what has just arrived; after `delayMs`, where given. */
  later(task: () => Promise<void>, delayMs?: number): void;
  /** Ends the link for what its peer provably did wrong; throws any other error. */
  judge(session: Session, error: unknown): void;
  /** A shown figure has changed. */
  changed(): void;
}
