import type { Page } from 'playwright-core';
import { testNetworkLink } from '../browser/harness/network-link.ts';
import type { Tab } from '../browser/harness/tab.ts';
import type { Host, Lab } from './lab.ts';
import { isAlone, isLinked, pause, secondsUntil, secondsUntilAll, type Figure } from './scenario.ts';

/** A link younger than this is retried like a new link. */
const SETTLE_MS = 32_000;

export interface Pair {
  /** The machine whose cable is touched. */
  readonly host: Host;
  readonly alex: Tab<Page>;
  readonly ming: Tab<Page>;
}

/** Two machines with a settled link, and a third machine with the server. */
export async function settledPair(lab: Lab, kind: 'direct' | 'relayed', label: string): Promise<Pair> {
  if (kind === 'relayed') lab.blockUdp();
  const [school, host, other] = lab.hosts(3);
  await school!.server();
  const link = `${school!.url}${testNetworkLink(`netlab-${label}-${kind}`)}`;
  const { tab: alex } = await host!.tab(link);
  const { tab: ming } = await other!.tab(link);
  await secondsUntilAll([alex, ming], isLinked(kind));
  await pause(SETTLE_MS);
  return { host: host!, alex, ming };
}

/** Measures how long both ends need to notice an outage, and to be linked again after its end. */
export async function outage(
  { alex, ming }: Pair,
  kind: string,
  seconds: number,
  cut: (isOut: boolean) => void,
  goals: { noticed?: number; back: number },
): Promise<Figure[]> {
  const cutMs = Date.now();
  cut(true);
  const noticed = Math.max(...(await Promise.all([alex, ming].map((tab) => secondsUntil(tab, isAlone, cutMs)))));
  await pause(cutMs + seconds * 1000 - Date.now());
  cut(false);
  const back = await secondsUntilAll([alex, ming], isLinked());
  return [
    { what: `${kind}: outage noticed by both ends`, value: noticed, unit: 's', ...(goals.noticed && { atMost: goals.noticed }) },
    { what: `${kind}: linked again after its end`, value: back, unit: 's', atMost: goals.back },
  ];
}
