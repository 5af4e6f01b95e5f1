import type { Status } from '../../../src/api/api.ts';
import type { Tab } from './tab.ts';

/** Short enough for measuring, long enough not to disturb. */
const POLL_MS = 150;

/**
 * Polls the status of all tabs until `predicate` holds for them together.
 * @param what completes "Waited … s for …" in the error, which shows every tab's status and problems
 */
export async function waitUntil(
  tabs: readonly Tab[],
  what: string,
  predicate: (statuses: Status[]) => boolean,
  timeoutMs = 60_000,
): Promise<Status[]> {
  const deadlineMs = Date.now() + timeoutMs;
  for (;;) {
    const statuses = await Promise.all(tabs.map((tab) => tab.status()));
    if (predicate(statuses)) return statuses;
    if (Date.now() > deadlineMs)
      throw new Error(`Waited ${timeoutMs / 1000} s for ${what}:\n${statuses.map((status, i) => report(tabs[i]!, status)).join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Whether all tabs have the same tip and state root. */
export function agree(statuses: readonly Status[]): boolean {
  return statuses.every(({ tip, stateRoot }) => tip === statuses[0]!.tip && stateRoot === statuses[0]!.stateRoot);
}

function report(tab: Tab, status: Status): string {
  return [`— ${tab.name}: ${JSON.stringify(status)}`, ...tab.problems.slice(-20).map((problem) => `    ${problem}`)].join('\n');
}
