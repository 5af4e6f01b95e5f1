/** Parts of the interface that a first visit does not need. */
export const loadMap = () => import('./NetworkMap.svelte');
export const loadChart = () => import('../../kit/Chart.svelte');

/**
 * Fetches these parts once the page is at rest. The server may be gone when somebody opens the page of the network, and that is the moment at
 * which the page is needed most.
 */
export function loadAhead(): void {
  for (const load of [loadMap, loadChart]) void load().catch(() => undefined);
}
