import type { Chain } from '../chain/chain.ts';
import { formatCoins } from '../protocol/amount.ts';
import { expandBits, workOfTarget } from '../protocol/target.ts';
import { formatNetworkLink } from '../protocol/network.ts';
import { toHex } from '../util/bytes.ts';
import type { NetworkStatus } from '../net/network.ts';
import type { Status, SyncState, SyncStatus } from './api.ts';
import type { Ledger } from './ledger.ts';
import type { MiningState } from './mining.ts';
import type { AccountSession } from './own-account.ts';

export const VERSION = '0.1.0';

/** The network's rate is estimated over this many blocks: a quarter of an hour at the default pace. */
const RATE_BLOCKS = 60;

export interface StatusParts {
  readonly ledger: Ledger;
  readonly hashrate: HashrateEstimate;
  readonly net: NetworkStatus;
  readonly mining: MiningState;
  readonly account: AccountSession | null;
  readonly signaling: SyncStatus['signaling'];
  readonly offline: boolean;
  readonly secure: boolean;
  readonly revision: number;
  readonly minedBlocks: number;
}

/** Everything that a person or a script may ask of a node at a glance. */
export function buildStatus(parts: StatusParts): Status {
  const { ledger, net, account } = parts;
  const { chain, store, mempool, network } = ledger;
  const tip = chain.tip();
  const { header } = tip.header;
  const state = account && store.account(account.address);
  return {
    version: VERSION,
    networkId: network.id,
    network: {
      label: network.label,
      link: formatNetworkLink(network),
      blockTimeMs: network.blockTimeMs,
      subsidy: formatCoins(network.subsidy),
      halvingInterval: network.halvingInterval,
      maxBlockBytes: network.maxBlockBytes,
    },
    height: tip.height,
    tip: tip.id,
    tipTime: header.timeMs,
    stateRoot: toHex(header.stateRoot),
    work: tip.work.toString(),
    difficulty: workOfTarget(expandBits(header.bits)).toString(),
    networkHashrate: parts.hashrate.of(chain),
    peers: net.peers,
    account: account?.describe(ledger) ?? null,
    balance: account && formatCoins(state?.balance ?? 0),
    spendable: account && formatCoins(mempool.spendable(account.address)),
    mining: { ...parts.mining, blocks: parts.minedBlocks },
    sync: {
      state: syncState(parts),
      target: Math.max(net.sync.target, tip.height),
      height: tip.height,
      signaling: parts.offline ? 'off' : parts.signaling,
      clockSkewMs: net.clockSkewMs,
    },
    persisted: ledger.saver.state(),
    mempool: { count: mempool.count, bytes: mempool.bytes },
    revision: parts.revision,
    secure: parts.secure,
    slow: parts.secure ? [] : ['keys', 'signatures'],
  };
}

function syncState({ offline, net }: StatusParts): SyncState {
  if (offline) return 'offline';
  if (net.sync.syncing) return 'syncing';
  return net.peers.some((peer) => peer.state === 'ready') ? 'synced' : 'searching';
}

/** Expected hashes of the last blocks over the time that they took. Kept for a tip: the status is asked for far more often than that moves. */
export class HashrateEstimate {
  #tip = '';
  #hashesPerSecond = 0;

  /** Hashes a second. */
  of(chain: Chain): number {
    const { id } = chain.tip();
    if (id !== this.#tip) {
      this.#hashesPerSecond = networkHashrate(chain);
      this.#tip = id;
    }
    return this.#hashesPerSecond;
  }
}

function networkHashrate(chain: Chain): number {
  const tip = chain.tip();
  const from = Math.max(1, tip.height - RATE_BLOCKS);
  const fromId = chain.activeId(from);
  const first = fromId && chain.header(fromId);
  const work = fromId && chain.locate(fromId)?.work;
  if (!first || !work || tip.height <= from) return 0;
  const seconds = (tip.header.header.timeMs - first.header.timeMs) / 1000;
  return seconds > 0 ? Math.round(Number(tip.work - work) / seconds) : 0;
}
