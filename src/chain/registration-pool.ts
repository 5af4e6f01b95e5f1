import type { Address } from '../crypto/address.ts';
import { RuleError } from '../consensus/errors.ts';
import { senderOf, type Registration } from '../protocol/transaction.ts';
import { TabchainError } from '../util/errors.ts';
import { MAX_POOLED_REGISTRATIONS } from './mempool-limits.ts';
import type { PoolEntry } from './account-queue.ts';

export type RegistrationEntry = PoolEntry<Registration>;

/** The waiting registrations in order of arrival: one a name and one an account, first seen first served. */
export class RegistrationPool {
  readonly #byName = new Map<string, RegistrationEntry>();
  readonly #byAddress = new Map<Address, RegistrationEntry>();

  /** In order of arrival. */
  entries(): RegistrationEntry[] {
    return [...this.#byName.values()];
  }

  of(address: Address): RegistrationEntry | undefined {
    return this.#byAddress.get(address);
  }

  /**
   * Whether there is a place for it.
   * @throws RuleError `name-taken`; TabchainError `registration-pending`, `mempool-full`
   */
  check({ name }: Registration, address: Address, own: boolean): void {
    if (this.#byAddress.has(address)) {
      throw new TabchainError('registration-pending', 'A registration of this account is already waiting for a block.');
    }
    if (this.#byName.has(name)) throw new RuleError('name-taken', { name, pending: true });
    if (!own && this.#byName.size >= MAX_POOLED_REGISTRATIONS) {
      throw new TabchainError('mempool-full', 'Too many registrations are waiting. Try again after the next block.');
    }
  }

  add(entry: RegistrationEntry): void {
    const { transaction } = entry.decoded;
    this.#byName.set(transaction.name, entry);
    this.#byAddress.set(senderOf(transaction), entry);
  }

  delete({ decoded }: RegistrationEntry): void {
    this.#byName.delete(decoded.transaction.name);
    this.#byAddress.delete(senderOf(decoded.transaction));
  }
}
