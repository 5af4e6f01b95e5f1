/**
 * Who gets one of this tab's few places for links. Those that it chose itself, by chance and from many groups, have places of their own
 * ({@link OUTGOING_LINKS}). For the others a newcomer always finds a place, unless all the links there are too young to be judged: the least
 * useful one of the largest group gives way. So whoever fills the places with many tabs displaces himself.
 */
import { randomBelow, type Random } from '../util/ports.ts';
import { DIAL_GRACE_MS, LINK_GRACE_MS, MAX_INCOMING_LINKS, PROTECTED_LINKS } from './link-limits.ts';
import type { OpenLink } from './open-link.ts';
import type { Remote } from './remote.ts';
import { byGroup } from './remotes.ts';

/** What becomes of a request for a link: refused, or granted, at the cost of another link. */
export type Admission = { readonly granted: false } | { readonly granted: true; readonly leaves: Remote | null };

/** Whether a tab that asks for a link gets a place, and which other one has to leave for it. */
export function admit(remotes: readonly Remote[], newcomer: Remote, nowMs: number): Admission {
  const incoming = remotes.filter((remote) => remote !== newcomer && !remote.outgoing && remote.engaged);
  if (newcomer.engaged || incoming.length < MAX_INCOMING_LINKS) return { granted: true, leaves: null };
  const leaves = leastUseful(incoming, newcomer, nowMs);
  return leaves ? { granted: true, leaves } : { granted: false };
}

/** One of `candidates` to seek a link with: of the group with the fewest sought links so far, by chance within it. */
export function choose(candidates: readonly Remote[], sought: readonly Remote[], random: Random): Remote | undefined {
  const groups = [...byGroup(candidates)].map(([group, members]) => ({
    members,
    links: sought.filter((remote) => remote.group === group).length,
  }));
  const fewest = Math.min(...groups.map(({ links }) => links));
  const open = groups.filter(({ links }) => links === fewest);
  const group = open[open.length > 1 ? randomBelow(random, open.length) : 0];
  return group?.members[group.members.length > 1 ? randomBelow(random, group.members.length) : 0];
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
  // A newcomer of the largest group displaces one of its own.
  const own = loose.filter(({ group }) => group === newcomer.group);
  const choice = size(newcomer.group) >= size(crowd[0]!.group) ? own : crowd;
  return choice.sort((a, b) => usefulness(a) - usefulness(b))[0] ?? null;
}

/** Those of `some` whose group has the most of `all`. */
function ofLargestGroup(some: readonly Remote[], all: readonly Remote[]): Remote[] {
  const sizes = new Map([...byGroup(all)].map(([group, members]) => [group, members.length]));
  const largest = Math.max(...some.map(({ group }) => sizes.get(group)!));
  const [first] = some.filter(({ group }) => sizes.get(group) === largest);
  return some.filter(({ group }) => group === first!.group);
}

/** Links that an attacker cannot have all at once: the oldest, the nearest, and those that brought what nobody else had. */
function protectedOf(linked: readonly Remote[]): Set<Remote> {
  const best = (rank: (link: OpenLink) => number): Remote[] =>
    linked
      .filter((remote) => Number.isFinite(rank(remote.link!)))
      .sort((a, b) => rank(a.link!) - rank(b.link!))
      .slice(0, PROTECTED_LINKS);
  return new Set([
    ...best((link) => link.openedAt),
    ...best((link) => link.worth.latencyMs ?? Infinity),
    ...best((link) => (link.worth.broughtAt === null ? Infinity : -link.worth.broughtAt)),
  ]);
}

/** When it last brought something new; among those that never did, the younger is worth less. */
function usefulness(remote: Remote): number {
  const link = remote.link!;
  return link.worth.broughtAt ?? -link.openedAt;
}
