import { createHash } from 'node:crypto';

/** Members by address, so that no address can fill a place alone. The members of one address are in the order of arrival. */
export class Crowd<T> {
  readonly #groups = new Map<string, Set<T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  countOf(address: string): number {
    return this.#groups.get(address)?.size ?? 0;
  }

  add(address: string, member: T): void {
    const group = this.#groups.get(address) ?? new Set<T>();
    this.#groups.set(address, group);
    if (!group.has(member)) this.#size++;
    group.add(member);
  }

  delete(address: string, member: T): void {
    const group = this.#groups.get(address);
    if (!group?.delete(member)) return;
    this.#size--;
    if (group.size === 0) this.#groups.delete(address);
  }

  /**
   * The newest member of the address with the most members. Among equals, the address of `newcomer` counts as the largest; otherwise two
   * addresses could displace each other's members forever.
   */
  newestOfLargest(newcomer: string): T | undefined {
    let largest = this.#groups.get(newcomer);
    for (const group of this.#groups.values()) if (group.size > (largest?.size ?? 0)) largest = group;
    return [...(largest ?? [])].at(-1);
  }
}

/**
 * The group that an address counts for. One household or attacker holds a whole /64 of IPv6 addresses, so a /64 is one group. An IPv4 address
 * in IPv6 notation counts as the IPv4 address.
 */
export function addressGroup(address: string | undefined): string {
  const plain = (address ?? '').replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array<string>(zeros).fill('0'), ...after].slice(0, 4).join(':');
}

/** Name of an address group for tabs: 8 hexadecimal digits, the same for all of the group. Without `secret` the name reveals no address. */
export function groupName(group: string, secret: Uint8Array): string {
  return createHash('sha256').update(secret).update(group).digest('hex').slice(0, 8);
}
