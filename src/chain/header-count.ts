import { CONTEXT_HEADERS } from '../consensus/difficulty.ts';
import { checkHeader } from '../consensus/header.ts';
import type { SealedHeader } from '../protocol/block.ts';
import type { History } from '../protocol/history.ts';
import type { Network } from '../protocol/network.ts';
import { workOfBits } from '../protocol/target.ts';

/**
 * A branch that has less work than the active chain so far, and that exceeds the limit of stored headers. Its headers are checked and their
 * work is counted as they arrive, but only the newest few stay. If the branch gets more work, it is requested again and stored.
 */
export class HeaderCount {
  readonly #network: Network;
  readonly #recent: SealedHeader[];
  #work: bigint;
  #history: History;

  /**
   * @param recent the last headers of the branch so far, oldest first, as many as the rules need (or down to genesis)
   * @param work cumulative work from genesis, up to the last header
   * @param history the branch up to the last header
   */
  constructor(network: Network, recent: readonly SealedHeader[], work: bigint, history: History) {
    this.#network = network;
    this.#recent = recent.slice(-CONTEXT_HEADERS);
    this.#work = work;
    this.#history = history;
  }

  get last(): SealedHeader {
    return this.#recent.at(-1)!;
  }

  /** Cumulative work from genesis. */
  get work(): bigint {
    return this.#work;
  }

  /**
   * Checks and counts the header that follows {@link last}.
   * @throws RuleError
   */
  add(sealed: SealedHeader): void {
    const parent = this.last;
    const at = (height: number): SealedHeader => this.#recent.at(height - parent.header.height - 1)!;
    checkHeader(this.#network, sealed, { parent, at }, () => this.#history.root);
    const work = workOfBits(sealed.header.bits);
    this.#work += work;
    this.#history = this.#history.append(sealed.id, work);
    this.#recent.push(sealed);
    if (this.#recent.length > CONTEXT_HEADERS) this.#recent.shift();
  }
}
