/** Parts of the interface that a first visit does not need. */
export const loadChart = () => import('../../kit/Chart.svelte');

/**
 * Fetches these parts once the page is at rest. The server may be gone when somebody opens the page of the network, and that is the moment at
 * which the page is needed most.
 */
export function loadAhead(): void {
  void loadChart().catch(() => undefined);
}
