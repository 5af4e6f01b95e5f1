import type { Neighbourhood } from '../../../api/api.ts';

/** By which ways new tabs find this tab at present. */
export type WaysToMeet = 'offline' | 'server' | 'peers' | 'none-reached' | 'no-server' | 'no-server-alone';

/** The ways that work now, the best first: a signaling server, linked tabs, or only tabs of this browser and by hand. */
export function waysToMeet({ servers, links }: Pick<Neighbourhood, 'servers' | 'links'>): WaysToMeet {
  if (servers.some(({ state }) => state === 'connected')) return 'server';
  const tried = servers.some(({ state }) => state !== 'off');
  if (links.length > 0) return tried ? 'peers' : 'no-server';
  return tried ? 'none-reached' : 'no-server-alone';
}
