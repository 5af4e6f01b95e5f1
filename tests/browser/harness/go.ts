import type { Page } from 'playwright-core';
import type { Tab } from './tab.ts';

/** Navigates a tab to a page of the interface, as a link does; the network stays. */
export function go(tab: Tab<Page>, path: string): Promise<void> {
  return tab.page.evaluate((at) => {
    const values = new URLSearchParams(location.hash.slice(1));
    values.set('at', at);
    location.hash = values.toString();
  }, path);
}
