import type { ChainPort } from '../chain/port.ts';
import type { TipClaim } from '../protocol/wire.ts';
import type { Clock } from '../util/ports.ts';
import { linkRank, type Admission } from './admission.ts';
import type { JoinStatus } from './join/port.ts';
import type { MessageHandlers } from './message-handlers.ts';
import type { OtherVersionCounts } from './other-versions.ts';
import type { Session } from './session.ts';
import type { SyncStatus } from './sync.ts';
import type { PeerStatus } from './transport.ts';

export interface PeerNetworkStatus {
  peers: PeerStatus[];
  /** The chain in use. */
  sync: SyncStatus;
  /** The whole chain that is synced behind a recent chain; null where there is none. */
  behind: SyncStatus | null;
  /** The fetching of a recent chain; null while none is fetched. */
  join: JoinStatus | null;
  /** Milliseconds that this clock seems ahead of the peers' clocks (median); null if unknown. */
  clockSkewMs: number | null;
  /** Peers that lately sent a hello of another version. */
  otherVersions: OtherVersionCounts;
}

export function peerNetworkStatus(
  sessions: readonly Session[],
  { syncs, join }: MessageHandlers,
  { otherVersions }: Admission,
  { chain, clock }: { readonly chain: ChainPort; readonly clock: Clock },
): PeerNetworkStatus {
  const peers = onePerPeer(sessions).map((session) => ({
    id: session.peerId,
    kind: session.link.kind,
    met: session.link.met,
    state: stateOf(session),
    height: syncs.inUse.blockPeers.provenHeight(session),
    tip: session.claim?.tip ?? null,
    agrees: agrees(session.claim, chain),
    base: session.claim?.base ?? null,
    greeting: greetingOf(session, chain),
    latencyMs: session.latencyMs,
    connectedAt: Math.round(clock.now() - session.ageMs()),
    received: session.receivedBytes,
    sent: session.sentBytes,
    agent: session.agent,
    team: session.isOfTeam,
  }));
  return {
    peers,
    sync: syncs.inUse.status(),
    behind: syncs.behind?.status() ?? null,
    join: join?.status() ?? null,
    clockSkewMs: median(sessions.flatMap(({ skewMs }) => skewMs ?? [])),
    otherVersions: otherVersions.counts(),
  };
}

function greetingOf({ greeting }: Session, chain: ChainPort): PeerStatus['greeting'] {
  return greeting && { height: greeting.height, work: greeting.work.toString(), agrees: agrees(greeting, chain) };
}

function agrees(claim: TipClaim | null, chain: ChainPort): boolean | null {
  if (claim === null || claim.height < chain.base()) return null;
  return chain.activeId(claim.height) === claim.tip;
}

/** A relayed link and the direct link that replaces it overlap for a moment. */
function onePerPeer(sessions: readonly Session[]): Session[] {
  const best = new Map<string, Session>();
  const rank = ({ ready, link }: Session): number => (ready ? 0 : 10) + linkRank(link);
  for (const session of sessions) {
    const other = best.get(session.peerId);
    if (!other || rank(session) < rank(other)) best.set(session.peerId, session);
  }
  return [...best.values()];
}

function stateOf({ ready, silent }: Session): PeerStatus['state'] {
  if (ready) return 'ready';
  return silent ? 'silent' : 'connecting';
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return null;
  return Math.round(sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2);
}
