import type { Page } from 'playwright-core';
import type { TabchainApi } from '../../src/api/api.ts';

/** Milliseconds from the start of the page's navigation until its node is ready. Call after the navigation has begun. */
export function readyMs(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const own = window as unknown as { tabchain?: TabchainApi };
    while (!own.tabchain) await new Promise((resolve) => setTimeout(resolve, 1));
    await own.tabchain.ready();
    return performance.now();
  });
}
