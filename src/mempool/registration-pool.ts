import type { Address } from '../crypto/address.ts';
import { RuleError } from '../consensus/rule-error.ts';
import { registrationRules } from '../consensus/transactions/registration.ts';
import type { StateView } from '../consensus/types.ts';
import { sealDigest } from '../protocol/block.ts';
import type { Network } from '../protocol/network.ts';
import { expandBits } from '../protocol/target.ts';
import { senderOf, type Registration } from '../protocol/transaction.ts';
import { stampHash } from '../protocol/transactions/registration.ts';
import { toHex } from '../util/bytes.ts';
import { TabchainError } from '../util/errors.ts';
import { FULL_POOL_WORK_FACTOR, MAX_POOLED_REGISTRATIONS } from './policy.ts';
import type { PoolEntry } from './account-queue.ts';
import type { Leaving, Pool } from './pool.ts';

export type RegistrationEntry = PoolEntry<Registration>;

interface Ranked {
  readonly entry: RegistrationEntry;
  /** The stamp's seal, most significant digit first: a lower seal shows more work. */
  readonly seal: string;
}

/**
 * The waiting registrations: one for each name and each account, ordered by the work of their stamps. Registrations pay no fee, so work is
 * the price of a place: a sender must show more work than each registration to be kept out. Own registrations come first and are never
 * evicted.
 */
export class RegistrationPool implements Pool<Registration> {
  readonly #view: Pick<StateView, 'account' | 'addressOfName'>;
  readonly #network: Network;
  readonly #byName = new Map<string, Ranked>();
  readonly #byAddress = new Map<Address, Ranked>();
  /** Null when the order must be sorted again. */
  #order: Ranked[] | null = [];

  constructor(view: Pick<StateView, 'account' | 'addressOfName'>, network: Network) {
    this.#view = view;
    this.#network = network;
  }

  /** Own registrations first, then by work. */
  entries(): RegistrationEntry[] {
    return this.#ordered().map(({ entry }) => entry);
  }

  of(address: Address): RegistrationEntry | undefined {
    return this.#byAddress.get(address)?.entry;
  }

  ofName(name: string): RegistrationEntry | undefined {
    return this.#byName.get(name)?.entry;
  }

  /** @throws RuleError `already-registered`, `name-taken`; TabchainError `registration-pending`, `mempool-full` */
  check(entry: RegistrationEntry): Leaving[] {
    const { transaction } = entry.decoded;
    registrationRules.checkAgainst(this.#view, transaction, this.#view.account(senderOf(transaction)));
    return this.readmit(entry);
  }

  /** @throws RuleError `name-taken`; TabchainError `registration-pending`, `mempool-full` */
  readmit({ decoded: { transaction: registration }, own }: RegistrationEntry): Leaving[] {
    const { name } = registration;
    const seal = this.#sealOf(registration);
    const leaving: Leaving[] = [];
    const same = this.#byAddress.get(senderOf(registration));
    if (same) {
      if (!outworks(seal, same)) {
        throw new TabchainError('registration-pending', 'A registration of this account is already waiting for a block.');
      }
      leaving.push([same.entry, 'replaced']);
    }
    const rival = this.#byName.get(name);
    if (rival && rival !== same) {
      if (!outworks(seal, rival)) throw new RuleError('name-taken', { name, pending: true });
      leaving.push([rival.entry, 'name-taken']);
    }
    if (own || leaving.length > 0 || this.#byName.size < MAX_POOLED_REGISTRATIONS) return leaving;
    const last = this.#ordered().at(-1)!;
    if (!outworks(seal, last)) {
      throw new TabchainError('mempool-full', 'Too many registrations are waiting. Try again after the next block, or with more work.');
    }
    return [[last.entry, 'evicted']];
  }

  /** None: `check` already finds the evicted entries, because the work of a stamp is proven without the signature. */
  victimsOf(): Leaving[] {
    return [];
  }

  add(entry: RegistrationEntry): void {
    const { transaction } = entry.decoded;
    const ranked = { entry, seal: this.#sealOf(transaction) };
    this.#byName.set(transaction.name, ranked);
    this.#byAddress.set(senderOf(transaction), ranked);
    this.#order = null;
  }

  remove({ decoded }: RegistrationEntry): void {
    this.#byName.delete(decoded.transaction.name);
    this.#byAddress.delete(senderOf(decoded.transaction));
    this.#order = null;
  }

  /** The target for a new stamp: the network's target, or a harder target while the pool is full. */
  stampTarget(): bigint {
    const target = expandBits(this.#network.stampBits);
    if (this.#byName.size < MAX_POOLED_REGISTRATIONS) return target;
    const worst = BigInt(`0x${this.#ordered().at(-1)!.seal}`) / BigInt(FULL_POOL_WORK_FACTOR);
    return worst < target ? worst : target;
  }

  #ordered(): readonly Ranked[] {
    this.#order ??= [...this.#byName.values()].sort((a, b) => Number(b.entry.own) - Number(a.entry.own) || (a.seal < b.seal ? -1 : 1));
    return this.#order;
  }

  #sealOf(registration: Registration): string {
    return toHex(sealDigest(stampHash(this.#network.id, registration), registration.stamp));
  }
}

/** Equal work is not enough, because two equal registrations would replace each other forever. */
function outworks(seal: string, other: Ranked): boolean {
  return !other.entry.own && seal < other.seal;
}
