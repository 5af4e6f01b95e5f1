import type { Status } from '../../api/api.ts';
import type { Formats } from '../kit/format.ts';
import type { Messages } from '../i18n/en/messages.ts';
import { linkStateOf } from './link-state.ts';

/** After this many block times without a block, say when the last block was, because an idle network looks like a hung page. */
const STALE_BLOCK_TIMES = 8;
/** Chance alone leaves gaps of seconds on a network with short block times. */
const STALE_LEAST_MS = 20_000;

/** Whether no miner seems to work. A network without any block is new, not idle. */
export function isStale(status: Status, nowMs: number): boolean {
  const waitedMs = nowMs - status.tipTime;
  return status.height > 0 && waitedMs > Math.max(STALE_LEAST_MS, STALE_BLOCK_TIMES * status.network.blockTimeMs);
}

/** Whether this network opens in the future. */
export function opensLater(status: Status, nowMs: number): boolean {
  return status.height === 0 && status.tipTime > nowMs;
}

/** Whether pending transactions wait because no miner works, so this tab should mine. */
export function needsMiner(status: Status, nowMs: number): boolean {
  return status.account !== null && !status.mining.on && status.mempool.count > 0 && isStale(status, nowMs);
}

function linkSentence(status: Status, t: Messages, browserOnline: boolean): string | null {
  if (status.sync.team) return t.lab.team.now(status.peers.length);
  const links = linkStateOf(status, browserOnline);
  switch (status.sync.state) {
    case 'starting':
      return t.now.starting;
    case 'offline':
      return t.now.offline;
    case 'searching':
      // Linked tabs that have not announced their chain yet.
      return t.linkState[links === 'online' || links === 'relayed' ? 'searching' : links].text;
    case 'syncing':
      return t.now.syncing(status.sync.height, status.sync.target);
    case 'cut-off':
      return t.now.cutOff;
    case 'synced':
      return status.mining.on ? null : t.now.synced(status.height);
  }
}

/** What is checked behind the chain in use. */
function chainSentence({ chain }: Status, t: Messages): string | null {
  if (chain.joining !== null) return t.now.joining;
  return chain.behind && t.now.behind(chain.behind.blocks, chain.behind.target);
}

function miningSentence(status: Status, t: Messages, formats: Formats): string | null {
  const { mining } = status;
  if (!mining.on) return null;
  // The sentence about the opening and the banner about the clock already say both reasons in full.
  if (mining.waiting !== null) return t.miningPause[mining.waiting];
  return t.now.mining(status.height + 1, mining.expectedSeconds === null ? null : formats.duration(mining.expectedSeconds));
}

/** What the node is doing now, in whole sentences; never empty. @param browserOnline whether the device has a network */
export function describeNow(status: Status, t: Messages, formats: Formats, nowMs: number, browserOnline: boolean): string {
  const sentences = [linkSentence(status, t, browserOnline), miningSentence(status, t, formats), chainSentence(status, t)];
  const { count } = status.mempool;
  if (opensLater(status, nowMs)) sentences.unshift(t.now.opensAt(formats.dateTime(status.tipTime)));
  else if (count > 0 && isStale(status, nowMs)) sentences.push(t.now.stuck(count, formats.duration((nowMs - status.tipTime) / 1000)));
  else if (count > 0) sentences.push(t.now.pending(count));
  else if (isStale(status, nowMs)) sentences.push(t.now.stale(formats.ago(status.tipTime, nowMs)));
  return sentences.filter((sentence) => sentence !== null).join(t.sentenceGap);
}
