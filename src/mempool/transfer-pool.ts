import { RuleError } from '../consensus/rule-error.ts';
import type { Address } from '../crypto/address.ts';
import { formatCoins } from '../protocol/amount.ts';
import type { AccountState } from '../protocol/state-root.ts';
import type { StateView } from '../consensus/types.ts';
import { TabchainError } from '../util/errors.ts';
import type { WallClock } from '../util/ports.ts';
import type { Transfer } from '../protocol/transaction.ts';
import { AccountQueue, costOf, feeRate, type TransferEntry } from './account-queue.ts';
import {
  MAX_ACCOUNT_TRANSACTIONS,
  MAX_NONCE_GAP,
  MAX_PARKED_BYTES,
  MIN_FEE_PER_BYTE,
  PARKED_EXPIRY_MS,
  REPLACEMENT_RATE_PERCENT,
} from './policy.ts';
import type { Leaving, Pool } from './pool.ts';

/**
 * The waiting transfers by sender. The next block could take the executable transfers; a nonce or coins are missing for the parked ones.
 * Only executable transfers can cost their sender a fee, so parked transfers get little room and are evicted first.
 */
export class TransferPool implements Pool<Transfer> {
  readonly #view: Pick<StateView, 'account'>;
  readonly #clock: WallClock;
  readonly #queues = new Map<Address, AccountQueue>();
  /** Longest parked first. */
  readonly #parked = new Map<string, { readonly entry: TransferEntry; readonly sinceMs: number }>();
  /** Bytes of the parked transfers, except own transfers, which are never evicted. */
  #parkedBytes = 0;
  /** The lowest floor of all queues; null when it must be determined again. */
  #lowest: number | null = null;

  constructor(view: Pick<StateView, 'account'>, clock: WallClock) {
    this.#view = view;
    this.#clock = clock;
  }

  queue(sender: Address): AccountQueue | undefined {
    return this.#queues.get(sender);
  }

  senders(): Address[] {
    return [...this.#queues.keys()];
  }

  /** By fee per byte, executable transfers first. */
  entries(): TransferEntry[] {
    const byRate = (a: TransferEntry, b: TransferEntry): number => feeRate(b) - feeRate(a);
    const parked = [...this.#parked.values()].map(({ entry }) => entry);
    return [...this.executable().flat().sort(byRate), ...parked.sort(byRate)];
  }

  /** Each sender's executable transfers in order. */
  executable(): TransferEntry[][] {
    return [...this.#queues.values()].map((queue) => queue.executable());
  }

  /** An account's waiting transfer with this id. */
  find(sender: Address, id: string): TransferEntry | undefined {
    return this.#queues
      .get(sender)
      ?.entries()
      .find(({ decoded }) => decoded.id === id);
  }

  /**
   * The executable transfers, the best-paid first: a block takes a new transfer after all whose rate is at least as high.
   * @param except id of a transfer to leave out
   */
  places(except: string | null): { readonly rate: number; readonly bytes: number }[] {
    const places = [...this.#queues.values()].flatMap((queue) =>
      queue
        .executable()
        .flatMap(({ decoded }, i) => (decoded.id === except ? [] : [{ rate: queue.floor(i + 1), bytes: decoded.bytes.length }])),
    );
    return places.sort((a, b) => b.rate - a.rate);
  }

  /** What other accounts' executable transfers pay to an account; smallest units. */
  incoming(recipient: Address): number {
    let sum = 0;
    for (const [sender, queue] of this.#queues) {
      if (sender === recipient) continue;
      for (const { decoded } of queue.executable()) if (decoded.transaction.recipient === recipient) sum += decoded.transaction.amount;
    }
    return sum;
  }

  isParked(id: string): boolean {
    return this.#parked.has(id);
  }

  /**
   * @throws RuleError `sender-not-registered`, `nonce-already-used`, `nonce-gap`, `balance-insufficient`; TabchainError `fee-too-low`,
   *   `replacement-fee-too-low`, `mempool-full`
   */
  check(entry: TransferEntry, room: number): Leaving[] {
    const { transaction, bytes } = entry.decoded;
    const { sender, nonce, fee } = transaction;
    requireFee(fee, bytes.length * MIN_FEE_PER_BYTE, 'fee-too-low');
    const account = this.#view.account(sender);
    if (!account?.registration) throw new RuleError('sender-not-registered');
    if (nonce < account.nonce) throw new RuleError('nonce-already-used', { nonce, next: account.nonce });
    const queue = this.#queues.get(sender) ?? new AccountQueue();
    const next = queue.freeNonce(account.nonce);
    if (nonce > next + MAX_NONCE_GAP) throw new RuleError('nonce-gap', { nonce, next });
    const replaced = queue.at(nonce) ?? null;
    if (replaced) requireFee(fee, leastReplacementFee(replaced, bytes.length), 'replacement-fee-too-low');
    else if (queue.size >= MAX_ACCOUNT_TRANSACTIONS) throw full();
    assertAffordable(entry, account, queue, replaced);
    const floor = queue.floorWith(entry, account);
    const size = bytes.length - (replaced?.decoded.bytes.length ?? 0);
    if (!entry.own && floor !== null && size > room + this.#parkedBytes && floor <= this.#lowestFloor()) throw full();
    return replaced ? [[replaced, 'replaced']] : [];
  }

  /** A transfer that has taken the nonce meanwhile stays, because it is the sender's later choice. */
  readmit(entry: TransferEntry): Leaving[] | null {
    const { sender, nonce } = entry.decoded.transaction;
    const queue = this.#queues.get(sender);
    return queue?.at(nonce) || (!entry.own && (queue?.size ?? 0) >= MAX_ACCOUNT_TRANSACTIONS) ? null : [];
  }

  /**
   * Parked transfers are evicted first, longest parked first. An executable entry then evicts the last executable transfers of the senders
   * whose queues are worth least to a miner.
   * @throws TabchainError `mempool-full` when the transfers to evict are worth at least as much as the new entry
   */
  victimsOf(entry: TransferEntry, room: number): Leaving[] {
    return this.#victimsOf(entry, room).map((victim) => [victim, 'evicted']);
  }

  #victimsOf(entry: TransferEntry, room: number): TransferEntry[] {
    const { sender, nonce } = entry.decoded.transaction;
    if (entry.own) return [];
    const account = this.#view.account(sender)!;
    const queue = this.#queues.get(sender);
    const replaced = queue?.at(nonce)?.decoded.bytes.length ?? 0;
    const size = entry.decoded.bytes.length - replaced;
    const floor = (queue ?? new AccountQueue()).floorWith(entry, account);
    const excess = size - room;
    if (floor !== null) return excess <= 0 ? [] : this.#victims(excess, sender, floor);
    return this.#parkedVictims(Math.max(excess, this.#parkedBytes + size - MAX_PARKED_BYTES), sender).done();
  }

  /** The caller must then call {@link settle} for the sender. */
  add(entry: TransferEntry): void {
    const { sender } = entry.decoded.transaction;
    let queue = this.#queues.get(sender);
    if (!queue) this.#queues.set(sender, (queue = new AccountQueue()));
    queue.set(entry);
  }

  /** The caller must then call {@link settle} for the sender. */
  remove(entry: TransferEntry): void {
    const { sender, nonce } = entry.decoded.transaction;
    const queue = this.#queues.get(sender)!;
    queue.delete(nonce);
    if (queue.size === 0) this.#queues.delete(sender);
    this.#unpark(entry);
    this.#lowest = null;
  }

  /**
   * Determines again which transfers of a sender are executable.
   * @returns the transfers that were parked and are executable now
   */
  settle(sender: Address): TransferEntry[] {
    this.#lowest = null;
    const queue = this.#queues.get(sender);
    if (!queue) return [];
    queue.settle(this.#view.account(sender));
    const unlocked: TransferEntry[] = [];
    for (const [index, entry] of queue.entries().entries()) {
      if (index >= queue.executableCount) this.#park(entry);
      else if (this.#unpark(entry)) unlocked.push(entry);
    }
    return unlocked;
  }

  /** The parked transfers beyond {@link MAX_PARKED_BYTES}, longest parked first; never own transfers. */
  overdue(): TransferEntry[] {
    return this.#parkedVictims(this.#parkedBytes - MAX_PARKED_BYTES).done();
  }

  /** The transfers parked for longer than {@link PARKED_EXPIRY_MS}; never own transfers. */
  expired(): TransferEntry[] {
    const oldestMs = this.#clock.now() - PARKED_EXPIRY_MS;
    return [...this.#parked.values()].filter(({ entry, sinceMs }) => !entry.own && sinceMs < oldestMs).map(({ entry }) => entry);
  }

  #park(entry: TransferEntry): void {
    if (this.#parked.has(entry.decoded.id)) return;
    this.#parked.set(entry.decoded.id, { entry, sinceMs: this.#clock.now() });
    if (!entry.own) this.#parkedBytes += entry.decoded.bytes.length;
  }

  #unpark(entry: TransferEntry): boolean {
    const wasParked = this.#parked.delete(entry.decoded.id);
    if (wasParked && !entry.own) this.#parkedBytes -= entry.decoded.bytes.length;
    return wasParked;
  }

  /** @param sender sender of the new entry, whose parked transfers are evicted last, because they may wait for the new entry */
  #parkedVictims(excess: number, sender?: Address): { victims: TransferEntry[]; excess: number; done(): TransferEntry[] } {
    const victims: TransferEntry[] = [];
    let left = excess;
    for (const isSenders of [false, true]) {
      for (const { entry } of left > 0 ? this.#parked.values() : []) {
        if (left <= 0) break;
        if (entry.own || (entry.decoded.transaction.sender === sender) !== isSenders) continue;
        victims.push(entry);
        left -= entry.decoded.bytes.length;
      }
    }
    const done = (): TransferEntry[] => {
      if (left > 0) throw full();
      return victims;
    };
    return { victims, excess: left, done };
  }

  #victims(needed: number, sender: Address, floor: number): TransferEntry[] {
    const { victims, excess } = this.#parkedVictims(needed, sender);
    /** Number of executable transfers left in each queue that lost some. */
    const left = new Map<AccountQueue, number>();
    for (let more = excess; more > 0; more -= victims.at(-1)!.decoded.bytes.length) {
      const worst = this.#worstQueue(sender, left);
      const count = worst && (left.get(worst) ?? worst.executableCount);
      if (!worst || !count || worst.floor(count) >= floor) throw full();
      // Only the last transfer of a sender can leave without a nonce gap.
      victims.push(worst.entries()[count - 1]!);
      left.set(worst, count - 1);
    }
    return victims;
  }

  /** The queue whose last executable transfer is worth least. Skips queues whose last executable transfer is own. */
  #worstQueue(except: Address, left: ReadonlyMap<AccountQueue, number>): AccountQueue | null {
    let worst: AccountQueue | null = null;
    let lowest = Infinity;
    for (const [sender, queue] of this.#queues) {
      const count = left.get(queue) ?? queue.executableCount;
      const floor = queue.floor(count);
      if (floor >= lowest || sender === except || queue.entries()[count - 1]!.own) continue;
      worst = queue;
      lowest = floor;
    }
    return worst;
  }

  #lowestFloor(): number {
    if (this.#lowest === null) {
      this.#lowest = Infinity;
      for (const queue of this.#queues.values()) this.#lowest = Math.min(this.#lowest, queue.floor());
    }
    return this.#lowest;
  }
}

/**
 * Only earlier nonces reserve balance, because later transfers may be waiting for this transfer. A replacement must also leave enough for
 * the later transfers, because other nodes have already relayed them.
 */
function assertAffordable(entry: TransferEntry, account: AccountState, queue: AccountQueue, replaced: TransferEntry | null): void {
  const { nonce } = entry.decoded.transaction;
  const others = replaced && !entry.own ? queue.cost() - costOf(replaced) : queue.cost(nonce);
  const spendable = account.balance - others;
  if (costOf(entry) <= spendable) return;
  throw new RuleError('balance-insufficient', { spendable: formatCoins(Math.max(0, spendable)), needed: formatCoins(costOf(entry)) });
}

/** The lowest fee of a transfer of `size` bytes that replaces a waiting transfer; smallest units. */
export function leastReplacementFee({ decoded }: TransferEntry, size: number): number {
  const { fee } = decoded.transaction;
  const byRate = Math.ceil((fee * size * REPLACEMENT_RATE_PERCENT) / (100 * decoded.bytes.length));
  return Math.max(byRate, fee + size * MIN_FEE_PER_BYTE);
}

function requireFee(fee: number, minimum: number, code: 'fee-too-low' | 'replacement-fee-too-low'): void {
  if (fee >= minimum) return;
  const message =
    code === 'fee-too-low'
      ? 'The fee is lower than any node passes on.'
      : 'A replacement must pay a tenth more a byte than what it replaces, and its own bytes on top.';
  throw new TabchainError(code, message, { minimum: formatCoins(minimum) });
}

function full(): TabchainError {
  return new TabchainError('mempool-full', 'Too many transactions are waiting. Raise the fee or try again after the next block.');
}
