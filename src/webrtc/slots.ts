/**
 * Which tabs get this tab's few slots for links. Links that this tab chose itself, at random and from many groups, have their own slots
 * ({@link OUTGOING_LINKS}). A newcomer gets one of the other slots unless all links there are too young to judge: the least useful link of
 * the largest group leaves. So an attacker that fills the slots with many tabs displaces its own tabs.
 */
import { randomBelow, type Random } from '../util/ports.ts';
import { DIAL_GRACE_MS, LINK_GRACE_MS, MAX_INCOMING_LINKS, PROTECTED_BY_TRANSACTIONS, PROTECTED_LINKS } from './link-limits.ts';
import type { OpenLink } from './open-link.ts';
import type { Remote, SoughtFor } from './remote.ts';
import { byGroup } from './remotes.ts';

/** The answer to a request for a link: refused, or granted, perhaps at the cost of another tab's link. */
export type Admission = { readonly granted: false } | { readonly granted: true; readonly leaves: Remote | null };

/** Whether a tab that asks for a link gets a slot, and which other tab must leave for it. */
export function admit(remotes: readonly Remote[], newcomer: Remote, nowMs: number): Admission {
  const incoming = remotes.filter((remote) => remote !== newcomer && !remote.outgoing && remote.engaged);
  if (newcomer.engaged || incoming.length < MAX_INCOMING_LINKS) return { granted: true, leaves: null };
  const leaves = leastUseful(incoming, newcomer, nowMs);
  return leaves ? { granted: true, leaves } : { granted: false };
}

/**
 * The candidate to seek a link with. One link goes to the largest group; one half of the others to random tabs of the groups with the fewest
 * sought links, and one half to any tabs. One address can hold many ids; one attacker can have many addresses; and all honest tabs of a
 * school have the same address, whose group no attacker outside can join. An attacker needs most ids, most addresses and the largest group to
 * get all of these links.
 */
export function choose(candidates: readonly Remote[], sought: readonly Remote[], random: Random): Remote | undefined {
  const reason = nextReason(sought);
  const chosen = CHOICES[reason](candidates, sought, random);
  if (chosen) chosen.soughtFor = reason;
  return chosen;
}

function nextReason(sought: readonly Remote[]): SoughtFor {
  const count = (reason: SoughtFor): number => sought.filter(({ soughtFor }) => soughtFor === reason).length;
  // Not first, because a newcomer's first links shall be of different groups.
  if (sought.length >= 2 && count('largest group') === 0) return 'largest group';
  return count('other group') <= (sought.length - count('largest group')) / 2 ? 'other group' : 'any';
}

const CHOICES: Readonly<
  Record<SoughtFor, (candidates: readonly Remote[], sought: readonly Remote[], random: Random) => Remote | undefined>
> = {
  'other group': ofFewestLinks,
  any: (candidates, _sought, random) => chooseAny(candidates, random),
  'largest group': ofMostTabs,
};

/**
 * Any candidate, at random from the half that this tab has known longer. A server lists a sample of all tabs first, and then a sample of all
 * groups, in which an attacker with many addresses has too large a part.
 */
export function chooseAny(candidates: readonly Remote[], random: Random): Remote | undefined {
  const known = listed(candidates);
  return randomOf(known.slice(0, Math.ceil(known.length / 2)), random);
}

/**
 * The tabs that a server or this browser has named. Tabs that only peers have named do not count as long as there are others, because each
 * hostile peer may name dozens of tabs, which need not exist.
 */
function listed(remotes: readonly Remote[]): readonly Remote[] {
  const known = remotes.filter(({ via }) => [...via].some(({ kind }) => kind !== 'peers'));
  return known.length > 0 ? known : remotes;
}

/** A random candidate of the largest group that has candidates; of any of the largest groups. */
function ofMostTabs(candidates: readonly Remote[], sought: readonly Remote[], random: Random): Remote | undefined {
  const sizes = new Map([...byGroup([...listed(candidates), ...sought])].map(([group, members]) => [group, members.length]));
  const groups = [...byGroup(listed(candidates))];
  const most = Math.max(...groups.map(([group]) => sizes.get(group)!));
  return randomOf(
    randomOf(
      groups.filter(([group]) => sizes.get(group) === most),
      random,
    )?.[1] ?? [],
    random,
  );
}

/** A random tab of a group with the fewest sought links. */
function ofFewestLinks(candidates: readonly Remote[], sought: readonly Remote[], random: Random): Remote | undefined {
  const groups = [...byGroup(candidates)].map(([group, members]) => ({
    members,
    links: sought.filter((remote) => remote.group === group).length,
  }));
  const fewest = Math.min(...groups.map(({ links }) => links));
  const open = groups.filter(({ links }) => links === fewest);
  return randomOf(randomOf(open, random)?.members ?? [], random);
}

function randomOf<T>(items: readonly T[], random: Random): T | undefined {
  return items[items.length > 1 ? randomBelow(random, items.length) : 0];
}

/** Whether a link has brought new data since it opened, and none of the others has since then. */
export function broughtAllSince({ link }: Remote, others: readonly Remote[]): boolean {
  if (!link || link.worth.broughtAt === null) return false;
  return others.every((other) => (other.link?.worth.broughtAt ?? -Infinity) < link.openedAt);
}

function leastUseful(incoming: readonly Remote[], newcomer: Remote, nowMs: number): Remote | null {
  const unfinished = incoming.filter((remote) => remote.link === null && nowMs - (remote.dial?.startedAt ?? nowMs) > DIAL_GRACE_MS);
  if (unfinished.length > 0) return ofLargestGroup(unfinished, incoming)[0]!;
  const linked = incoming.filter((remote) => {
    const link = remote.link;
    return link !== null && nowMs - link.openedAt > LINK_GRACE_MS;
  });
  const safe = protectedOf(linked);
  const loose = linked.filter((remote) => !safe.has(remote));
  if (loose.length === 0) return null;
  const crowd = ofLargestGroup(loose, incoming);
  const size = (group: string): number => incoming.filter((remote) => remote.group === group).length;
  // A newcomer of the largest group displaces a tab of its own group.
  const own = loose.filter(({ group }) => group === newcomer.group);
  const choice = size(newcomer.group) >= size(crowd[0]!.group) ? own : crowd;
  return choice.sort((a, b) => usefulness(a) - usefulness(b))[0] ?? null;
}

/** The tabs of `some` in the group that has the most tabs in `all`. */
function ofLargestGroup(some: readonly Remote[], all: readonly Remote[]): Remote[] {
  const sizes = new Map([...byGroup(all)].map(([group, members]) => [group, members.length]));
  const largest = Math.max(...some.map(({ group }) => sizes.get(group)!));
  const [first] = some.filter(({ group }) => sizes.get(group) === largest);
  return some.filter(({ group }) => group === first!.group);
}

/** Links that a person made, and links that an attacker cannot all hold: the oldest, the nearest, and those that last brought new blocks or new transactions. */
function protectedOf(linked: readonly Remote[]): Set<Remote> {
  const best = (rank: (link: OpenLink) => number, count = PROTECTED_LINKS): Remote[] =>
    linked
      .filter((remote) => Number.isFinite(rank(remote.link!)))
      .sort((a, b) => rank(a.link!) - rank(b.link!))
      .slice(0, count);
  const latest = (at: number | null): number => (at === null ? Infinity : -at);
  return new Set([
    ...linked.filter(({ link }) => link!.met === 'hand'),
    ...best((link) => link.openedAt),
    ...best((link) => link.worth.latencyMs ?? Infinity),
    ...best((link) => latest(link.worth.broughtAt)),
    ...best((link) => latest(link.worth.broughtTransactionAt), PROTECTED_BY_TRANSACTIONS),
  ]);
}

/** The links that are the last to leave. */
export function mostUseful(linked: readonly Remote[], count: number): Remote[] {
  return [...linked].sort((a, b) => usefulness(b) - usefulness(a)).slice(0, count);
}

/** When the link last brought new data; among links that never did, the younger has a lower value. */
function usefulness(remote: Remote): number {
  const link = remote.link!;
  return link.worth.broughtAt ?? -link.openedAt;
}
