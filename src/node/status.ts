import type { Chain } from '../chain/chain.ts';
import { formatCoins } from '../protocol/amount.ts';
import { workOfBits } from '../protocol/target.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import { formatNetworkLink } from '../protocol/network.ts';
import { ChainQueries } from '../storage/sql/queries.ts';
import { toHex } from '../util/bytes.ts';
import type { PeerNetworkStatus } from '../net/peer-status.ts';
import type { ChainStatus, PersistedStatus, Status, SyncState, SyncStatus } from '../api/api.ts';
import type { LinkMode } from '../api/service.ts';
import type { Ledger } from './ledger.ts';
import type { MiningState } from './mining.ts';
import type { AccountSession } from './own-account.ts';

export const VERSION = '0.1.0';

/** The network's rate is estimated over this many blocks: a quarter of an hour at the default pace. */
const RATE_BLOCKS = 60;

export interface StatusParts {
  readonly ledger: Ledger;
  /** The whole chain behind a recent chain in use. */
  readonly behind: Ledger | null;
  readonly tipFacts: TipFacts;
  readonly net: PeerNetworkStatus;
  readonly mining: MiningState;
  readonly chain: ChainStatus;
  readonly account: AccountSession | null;
  readonly signaling: SyncStatus['signaling'];
  readonly links: LinkMode;
  readonly secure: boolean;
  readonly revision: number;
}

/** Builds the status of a node for people and scripts. */
export function buildStatus(parts: StatusParts): Status {
  const { ledger, net, account } = parts;
  const { chain, store, mempool, network } = ledger;
  const tip = chain.tip();
  const { header } = tip.sealed;
  const { networkHashrate, minedBlocks } = parts.tipFacts.of(ledger, account);
  const state = account && store.account(account.address);
  return {
    version: VERSION,
    protocol: { version: PROTOCOL_VERSION, ...net.otherVersions },
    networkId: network.id,
    network: {
      label: network.label,
      link: formatNetworkLink(network),
      blockTimeMs: network.blockTimeMs,
      subsidy: formatCoins(network.subsidy),
      grant: formatCoins(network.grant),
      halvingInterval: network.halvingInterval,
      maxBlockBytes: network.maxBlockBytes,
      startDifficulty: difficultyOf(network.startBits),
      leastDifficulty: difficultyOf(network.powLimitBits),
    },
    height: tip.height,
    tip: tip.id,
    tipTime: header.timeMs,
    stateRoot: toHex(header.stateRoot),
    work: tip.work.toString(),
    difficulty: difficultyOf(header.bits),
    networkHashrate,
    peers: net.peers,
    account: account?.describe(ledger) ?? null,
    balance: account && formatCoins(state?.balance ?? 0),
    spendable: account && formatCoins(mempool.spendable(account.address)),
    incoming: account && formatCoins(mempool.incoming(account.address)),
    mining: { ...parts.mining, blocks: minedBlocks },
    sync: {
      state: syncState(parts),
      team: parts.links === 'team',
      target: Math.max(net.sync.target, tip.height),
      height: tip.height,
      signaling: parts.links === 'closed' ? 'off' : parts.signaling,
      clockSkewMs: net.clockSkewMs,
    },
    chain: parts.chain,
    persisted: persistedOf(ledger, parts.behind),
    mempool: { count: mempool.count, bytes: mempool.bytes },
    revision: parts.revision,
    secure: parts.secure,
    slow: parts.secure ? [] : ['keys', 'signatures'],
  };
}

/** A reload finds a recent chain only through the whole chain's database, so an error of either disk counts. */
function persistedOf({ saver }: Ledger, behind: Ledger | null): PersistedStatus {
  const state = saver.state();
  return { ...state, error: state.error ?? behind?.saver.state().error ?? null };
}

/** Expected hashes, as a decimal string. */
function difficultyOf(bits: number): string {
  return workOfBits(bits).toString();
}

function syncState({ links, net }: StatusParts): SyncState {
  if (links === 'closed') return 'offline';
  if (net.sync.syncing) return 'syncing';
  if (!net.peers.some((peer) => peer.state === 'ready')) return 'searching';
  if (net.sync.cutOff) return 'cut-off';
  return net.sync.unsure ? 'searching' : 'synced';
}

/** Caches the facts that only a new tip changes, because the status is read far more often than the tip changes. */
export class TipFacts {
  #key = '';
  #facts = { networkHashrate: 0, minedBlocks: 0 };

  of({ chain, store }: Ledger, account: AccountSession | null): { networkHashrate: number; minedBlocks: number } {
    const key = `${chain.tip().id} ${account?.addressText}`;
    if (key !== this.#key) {
      const minedBlocks = account ? new ChainQueries(store.sql).blocksMined(account.addressText) : 0;
      this.#facts = { networkHashrate: hashrateBefore(chain), minedBlocks };
      this.#key = key;
    }
    return this.#facts;
  }
}

/** Expected hashes of the last blocks divided by their time, in hashes per second. */
export function hashrateBefore(chain: Chain): number {
  const tip = chain.tip();
  const from = Math.max(1, chain.base(), tip.height - RATE_BLOCKS);
  const fromId = chain.activeId(from);
  const first = fromId && chain.header(fromId);
  const work = fromId && chain.locate(fromId)?.work;
  if (!first || !work || tip.height <= from) return 0;
  const seconds = (tip.sealed.header.timeMs - first.header.timeMs) / 1000;
  return seconds > 0 ? Math.round(Number(tip.work - work) / seconds) : 0;
}
