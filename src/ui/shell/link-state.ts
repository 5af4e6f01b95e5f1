import type { Status } from '../../api/api.ts';

/**
 * What this tab's links can do, the best first. `online`: a direct link, or a link within this browser; `relayed`: only links through a
 * server; `alone`: a server answers, but nobody else is there; `offline`: neither a link nor a server; `searching`: just begun.
 */
export type LinkState = 'online' | 'relayed' | 'alone' | 'offline' | 'searching';

/** @param browserOnline whether the browser believes that the device has a network */
export function linkStateOf({ peers, sync }: Pick<Status, 'peers' | 'sync'>, browserOnline: boolean): LinkState {
  const ready = peers.filter(({ state }) => state === 'ready');
  if (ready.length > 0) return ready.every(({ kind }) => kind === 'relayed') ? 'relayed' : 'online';
  if (!browserOnline) return 'offline';
  if (sync.signaling === 'connected') return 'alone';
  return sync.signaling === 'connecting' ? 'searching' : 'offline';
}
