import type { Page } from 'playwright-core';
import type { TabchainApi } from '../../../src/api/api.ts';
import type { ChainChoice } from '../../../src/api/chain.ts';
import { formatNetworkLink } from '../../../src/protocol/network.ts';
import { Chromium } from '../../browser/harness/chromium.ts';
import type { Tab } from '../../browser/harness/tab.ts';
import type { ChainFile } from './chain-file.ts';

const TIMEOUT_MS = 600_000;
/** Between two looks at the tab's status: short beside what is measured, long enough not to disturb. */
const POLL_MS = { usable: 10, verified: 100 };

/** Milliseconds since the navigation. */
export interface Arrival {
  /** When the node first had a ready peer. */
  readonly peerMs: number;
  /** When the watching ended. */
  readonly endMs: number;
  /** Bytes of messages that the node had received then. */
  readonly receivedBytes: number;
  /** When each phase of the join was first seen; `entered`: when the recent chain was first in use. */
  readonly stepMs: Readonly<Record<string, number>>;
}

/**
 * Up to when a tab is watched.
 * - `usable`: it has the serving tab's tip, on a recent chain
 * - `verified`: it has verified all blocks up to that tip
 */
export type Until = 'usable' | 'verified';

/** Opens a guest's tab in a fresh browser, with this choice of chain, and watches it. @param url of the server, without a fragment */
export async function arrive(url: string, chain: ChainFile, choice: ChainChoice, until: Until): Promise<Arrival> {
  const browser = await Chromium.launch();
  try {
    const link = url + formatNetworkLink(chain.network);
    if (choice !== 'whole') await choose(browser, link, choice);
    const tab = await browser.newTab('newcomer');
    tab.page.setDefaultTimeout(TIMEOUT_MS);
    await tab.page.goto(link, { waitUntil: 'commit' });
    const arrival = await watch(tab, chain, until);
    if ('entered' in arrival.stepMs !== (choice !== 'replay'))
      throw new Error('The newcomer did not take the way that was to be measured.');
    if (tab.problems.length > 0) throw new Error(`The newcomer has problems:\n${tab.problems.join('\n')}`);
    return arrival;
  } finally {
    await browser.dispose();
  }
}

/** The browser remembers the choice. The chain of the guest who chose goes with the tab. */
async function choose(browser: Chromium, link: string, choice: ChainChoice): Promise<void> {
  const tab = await browser.openTab('chooser', link);
  await tab.call('chooseChain', choice);
  await tab.close();
}

function watch(tab: Tab<Page>, { height, tip }: ChainFile, until: Until): Promise<Arrival> {
  return tab.page.evaluate(
    async (sought) => {
      const own = window as unknown as { tabchain?: TabchainApi };
      // No named functions here: the compiler would add a helper call that the page does not have.
      while (!own.tabchain) await new Promise((resolve) => setTimeout(resolve, 1));
      await own.tabchain.ready();
      let peerMs: number | null = null;
      const stepMs: Record<string, number> = {};
      for (;;) {
        const status = await own.tabchain.status();
        const now = performance.now();
        const { base, verified, joining } = status.chain;
        if (status.peers.some(({ state }) => state === 'ready')) peerMs ??= now;
        if (joining) stepMs[joining.phase] ??= now;
        if (base > 0) stepMs['entered'] ??= now;
        const isThere = status.height >= sought.height && status.tip === sought.tip;
        if (peerMs !== null && isThere && (sought.until === 'usable' ? base > 0 : verified === 'all')) {
          return { peerMs, endMs: now, receivedBytes: status.peers.reduce((sum, { received }) => sum + received, 0), stepMs };
        }
        await new Promise((resolve) => setTimeout(resolve, sought.pollMs));
      }
    },
    { height, tip, until, pollMs: POLL_MS[until] },
  );
}
