import type { Status } from '../../src/api/api.ts';
import type { Tab } from '../browser/harness/tab.ts';
import type { Lab } from './lab.ts';

/** A measured value. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** The value must be at most this… */
  readonly atMost?: number;
  /** …or at least this. */
  readonly atLeast?: number;
}

export interface Scenario {
  readonly title: string;
  run(lab: Lab): Promise<Figure[]>;
}

const POLL_MS = 50;
const PATIENCE_MS = 30_000;

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Seconds until `holds` is true of a tab's status, counted from `sinceMs`; infinite after `patienceMs`. */
export async function secondsUntil(
  tab: Tab,
  holds: (status: Status) => boolean,
  sinceMs = Date.now(),
  patienceMs = PATIENCE_MS,
): Promise<number> {
  while (Date.now() - sinceMs < patienceMs) {
    if (holds(await tab.status())) return (Date.now() - sinceMs) / 1000;
    await pause(POLL_MS);
  }
  const { peers, sync } = await tab.status();
  console.error(`  ${tab.name} waited in vain: ${JSON.stringify({ peers, sync, problems: tab.problems.slice(-5) })}`);
  return Infinity;
}

/** The same for several tabs at once. */
export async function secondsUntilAll(tabs: readonly Tab[], holds: (status: Status) => boolean): Promise<number> {
  const sinceMs = Date.now();
  return Math.max(...(await Promise.all(tabs.map((tab) => secondsUntil(tab, holds, sinceMs)))));
}

/** Whether a tab has a working link. @param kind of any kind by default */
export const isLinked =
  (kind?: Status['peers'][number]['kind']) =>
  (status: Status): boolean =>
    status.peers.some((peer) => peer.state === 'ready' && (kind === undefined || peer.kind === kind));

export const isAlone = (status: Status): boolean => !isLinked()(status);

export const meets = ({ value, atMost = Infinity, atLeast = -Infinity }: Figure): boolean => value <= atMost && value >= atLeast;
