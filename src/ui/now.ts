import type { Status } from '../node/api.ts';
import type { Formats } from './format.ts';
import type { Messages } from './i18n/en.ts';

/** After this many block times without a block, say when the last one was: a sleeping network looks like a hanging page. */
const STALE_BLOCK_TIMES = 8;

function linkSentence(status: Status, t: Messages): string | null {
  switch (status.sync.state) {
    case 'starting':
      return t.now.starting;
    case 'offline':
      return t.now.offline;
    case 'searching':
      return status.sync.signaling === 'unreachable' ? t.now.searchingUnreachable : t.now.searching;
    case 'syncing':
      return t.now.syncing(status.sync.height, status.sync.target);
    case 'synced':
      return status.mining.on ? null : t.now.synced(status.height);
  }
}

function miningSentence(status: Status, t: Messages, formats: Formats): string | null {
  const { mining } = status;
  if (!mining.on) return null;
  if (mining.waiting !== null) return mining.waiting === 'syncing' ? t.now.waitingSync : t.now.waiting;
  return t.now.mining(status.height + 1, mining.expectedSeconds === null ? null : formats.duration(mining.expectedSeconds));
}

/** What the node is doing now, in whole sentences; never empty. */
export function describeNow(status: Status, t: Messages, formats: Formats, nowMs: number): string {
  const sentences = [linkSentence(status, t), miningSentence(status, t, formats)];
  if (status.mempool.count > 0) sentences.push(t.now.pending(status.mempool.count));
  else if (status.height > 0 && nowMs - status.tipTime > STALE_BLOCK_TIMES * status.network.blockTimeMs)
    sentences.push(t.now.stale(formats.ago(status.tipTime, nowMs)));
  return sentences.filter((sentence) => sentence !== null).join(t.sentenceGap);
}
