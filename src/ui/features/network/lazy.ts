import { loadWorkbench } from '../database/lazy.ts';

/** Parts of the interface that a first visit does not need. */
export const loadMap = () => import('./NetworkMap.svelte');
export const loadChart = () => import('../../kit/Chart.svelte');

/**
 * Fetches these parts once the page is at rest. The server may be gone when somebody opens the page of the network or of the database, and then
 * these pages are needed most.
 */
export function loadAhead(): void {
  for (const load of [loadMap, loadChart, loadWorkbench]) void load().catch(() => undefined);
}
