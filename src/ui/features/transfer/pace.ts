import type { Status } from '../../../api/api.ts';
import type { Messages } from '../../i18n/en/messages.ts';
import type { Formats } from '../../kit/format.ts';
import { isStale } from '../../shell/now.ts';

/** Seconds until `blocks` more blocks at the network's present hash rate; null while nobody seems to mine. */
export function secondsFor(status: Status, blocks: number, nowMs: number): number | null {
  if (isStale(status, nowMs) && !status.mining.on) return null;
  const seconds = status.networkHashrate > 0 ? Number(status.difficulty) / status.networkHashrate : status.network.blockTimeMs / 1000;
  return blocks * seconds;
}

/** "within 3 blocks, about 45 s" */
export function waitText(status: Status | null, blocks: number, nowMs: number, t: Messages, formats: Formats): string {
  const seconds = status && secondsFor(status, blocks, nowMs);
  return t.fees.wait(blocks, seconds === null ? null : formats.duration(seconds));
}
