import type { Address } from '../crypto/address.ts';
import { RuleError } from '../consensus/errors.ts';
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
  /** The stamp's seal, most significant digit first: the lower, the more work it shows. */
  readonly seal: string;
}

/**
 * The waiting registrations, one a name and one an account, ordered by the work that their stamps show. They pay no fee, so work is what
 * a place costs: a sender who wants to keep others out has to show more work than each of them. Own ones come first and stay.
 */
export class RegistrationPool implements Pool<Registration> {
  readonly #view: Pick<StateView, 'account' | 'addressOfName'>;
  readonly #network: Network;
  readonly #byName = new Map<string, Ranked>();
  readonly #byAddress = new Map<Address, Ranked>();
  /** Null when it has to be sorted again. */
  #order: Ranked[] | null = [];

  constructor(view: Pick<StateView, 'account' | 'addressOfName'>, network: Network) {
    this.#view = view;
    this.#network = network;
  }

  /** Own ones first, then by work. */
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

  /** `check` has found all that leaves: what a registration shows is work, which it shows without a signature. */
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

  /** The seal that a new stamp should stay below: the network's target, or a harder one while too many wait. */
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

/** Equal work is not enough, because two equal registrations would drive each other out for ever. */
function outworks(seal: string, other: Ranked): boolean {
  return !other.entry.own && seal < other.seal;
}
