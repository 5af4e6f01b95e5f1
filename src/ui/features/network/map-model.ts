import type { LinkKind, Neighbourhood, PeerInfo } from '../../../api/api.ts';

/** Other tabs on the map. Strangers are told by peers, and a peer can tell anything. */
export const MAX_TABS = 160;
/** Lines of 160 tabs with 24 links each. */
export const MAX_LINES = (MAX_TABS * 24) / 2;

/** How the newest block of a tab compares with this tab's chain: in the chain, not in it, or not known. */
export type Standing = 'agrees' | 'differs' | 'unknown';

type LinkState = PeerInfo['state'];

export type NeighbourLink = Neighbourhood['links'][number];

/** A tab on the map. */
export interface MapTab {
  readonly id: string;
  /** 0: this tab; 1: linked with this tab; 2: known through another tab. */
  readonly hops: 0 | 1 | 2;
  readonly standing: Standing;
  /** Of this tab's link with the tab; null where there is none. */
  readonly state: LinkState | null;
  /** What this tab's node and link maker say of a linked tab. */
  readonly peer: PeerInfo | null;
  readonly link: NeighbourLink | null;
  /** Links on the map, to lower and higher ids alike. */
  readonly links: number;
}

/** A link between two tabs, the lower id first, except that this tab comes first. */
export interface MapLine {
  readonly key: string;
  readonly from: string;
  readonly to: string;
  readonly kind: LinkKind;
  /** A link of this tab, which it knows itself. */
  readonly own: boolean;
}

export interface NetworkMap {
  /** This tab first, then linked tabs, then others. */
  readonly tabs: readonly MapTab[];
  readonly lines: readonly MapLine[];
  /** Known tabs that have no place on the map. */
  readonly hidden: number;
}

const PEER_ID = /^[0-9a-f]{16}$/;

/**
 * The tabs and links to draw, from what this tab knows and what its peers tell. At most {@link MAX_TABS} other tabs and {@link MAX_LINES}
 * lines; linked tabs come before strangers, and of the strangers those that more peers name come first.
 */
export function networkMap({ self, links }: Neighbourhood, peers: readonly PeerInfo[]): NetworkMap {
  const own = new Map(links.filter(({ peer }) => peer !== self && PEER_ID.test(peer)).map((link) => [link.peer, link]));
  const linked = [...own.keys()].sort().slice(0, MAX_TABS);
  const named = namedBy(own, self);
  const others = [...named.keys()].filter((id) => !own.has(id)).sort((a, b) => named.get(b)! - named.get(a)! || (a < b ? -1 : 1));
  const shown = others.slice(0, MAX_TABS - linked.length);
  const lines = linesOf(self, linked, own, new Set([...linked, ...shown]));
  const counts = new Map<string, number>();
  for (const { from, to } of lines) for (const id of [from, to]) counts.set(id, (counts.get(id) ?? 0) + 1);
  const infos = new Map(peers.map((peer) => [peer.id, peer]));
  const tab = (id: string, hops: MapTab['hops']): MapTab => {
    const peer = hops === 1 ? (infos.get(id) ?? null) : null;
    const standing = hops === 0 ? 'agrees' : standingOf(peer);
    const state = hops === 1 ? (peer?.state ?? 'connecting') : null;
    return { id, hops, standing, state, peer, link: (hops === 1 ? own.get(id) : null) ?? null, links: counts.get(id) ?? 0 };
  };
  return {
    tabs: [tab(self, 0), ...linked.map((id) => tab(id, 1)), ...shown.map((id) => tab(id, 2))],
    lines,
    hidden: own.size + others.length - linked.length - shown.length,
  };
}

/** Number of tabs with a link to this tab that works. */
export const linkedTabs = ({ tabs }: NetworkMap): number => tabs.filter(({ state }) => state === 'ready').length;

/** Why a link to this tab does not work; null where it works, or where there is none. */
export const faultOf = ({ state }: MapTab): Exclude<LinkState, 'ready'> | null => (state === 'ready' ? null : state);

/** Number of peers that name each tab. */
function namedBy(own: ReadonlyMap<string, NeighbourLink>, self: string): Map<string, number> {
  const named = new Map<string, number>();
  for (const { neighbours } of own.values()) {
    const ids = new Set(neighbours.map(({ peer }) => peer).filter((id) => id !== self && PEER_ID.test(id)));
    for (const id of ids) named.set(id, (named.get(id) ?? 0) + 1);
  }
  return named;
}

function linesOf(self: string, linked: readonly string[], own: ReadonlyMap<string, NeighbourLink>, shown: ReadonlySet<string>): MapLine[] {
  const lines = new Map<string, MapLine>();
  for (const id of linked) lines.set(id, { key: id, from: self, to: id, kind: own.get(id)!.kind, own: true });
  for (const id of linked) {
    for (const { peer, kind } of own.get(id)!.neighbours) {
      if (!shown.has(peer) || peer === id) continue;
      const [from, to] = id < peer ? [id, peer] : [peer, id];
      const key = `${from} ${to}`;
      // Both ends may tell the link; the first counts.
      if (!lines.has(key) && lines.size < MAX_LINES) lines.set(key, { key, from, to, kind, own: false });
    }
  }
  return [...lines.values()];
}

function standingOf(peer: PeerInfo | null): Standing {
  if (peer?.agrees == null) return 'unknown';
  return peer.agrees ? 'agrees' : 'differs';
}
