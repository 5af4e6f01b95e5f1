import type { Page } from 'playwright-core';
import type { Tab } from '../browser/harness/tab.ts';
import { secondsUntil, secondsUntilAll, type Figure } from './scenario.ts';

/** Two people register, one mines and pays the other. */
export async function journey(alex: Tab<Page>, ming: Tab<Page>): Promise<Figure[]> {
  const startedMs = Date.now();
  await Promise.all(
    [alex, ming].map((tab, i) => tab.call('register', { name: ['alex', 'ming'][i]!, passphrase: 'correct horse battery' })),
  );
  await alex.call('mine', true, { threads: 1 });
  await secondsUntilAll([alex, ming], ({ account }) => account?.registration === 'confirmed');
  const registered = (Date.now() - startedMs) / 1000;
  const { txid } = await alex.call('transfer', { to: 'ming', amount: '5' });
  const sentMs = Date.now();
  while ((await ming.call('transaction', txid)) === null) await secondsUntil(ming, () => true);
  const seen = (Date.now() - sentMs) / 1000;
  await secondsUntil(ming, ({ balance }) => balance !== null && Number(balance) === 5);
  const confirmed = (Date.now() - sentMs) / 1000;
  await alex.call('mine', false);
  return [
    { what: 'both registered and confirmed', value: registered, unit: 's' },
    { what: 'payment seen by the other', value: seen, unit: 's', atMost: 2 },
    { what: 'payment confirmed', value: confirmed, unit: 's' },
  ];
}
