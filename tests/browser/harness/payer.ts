import type { Page } from 'playwright-core';
import type { Chromium } from './chromium.ts';
import type { Tab } from './tab.ts';
import { agree, waitUntil } from './wait.ts';

/** Two tabs of one network with confirmed accounts, `alex` and `ming`, on one tip. Alex has at least 100 coins; nobody mines. */
export async function payerAndPayee(browser: Chromium, url: string, passphrase: string): Promise<[alex: Tab<Page>, ming: Tab<Page>]> {
  const alex = await browser.openTab('alex', url);
  await alex.call('register', { name: 'alex', passphrase });
  const ming = await browser.openTab('ming', url);
  await ming.call('register', { name: 'ming', passphrase });
  await alex.call('mine', true, { threads: 1 });
  await waitUntil(
    [alex, ming],
    'both registered, alex with coins',
    ([a, m]) => a!.account?.registration === 'confirmed' && m!.account?.registration === 'confirmed' && Number(a!.balance) >= 100,
  );
  await alex.call('mine', false);
  await waitUntil([alex, ming], 'one tip', agree);
  return [alex, ming];
}
