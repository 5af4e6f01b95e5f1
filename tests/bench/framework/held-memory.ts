import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import type { Tab } from '../../browser/harness/tab.ts';
import { processesWithWorkers } from './processor-time.ts';

/** Also frees what a heap keeps for its next objects; otherwise that part alone varies by 50 MB. */
const COLLECT = "gc({ type: 'major', execution: 'sync', flavor: 'last-resort' })";

/** Private memory of a process in kilobytes. Heaps and WebAssembly's memories count, mapped files such as the browser's program do not. */
function anonymousKilobytes(pid: number): number {
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]);
}

/**
 * Memory of the tab's process after garbage collection, in bytes.
 * @param foreign processes of other benchmarks' pages
 */
export async function heldBytes({ page }: Tab<Page>, foreign: ReadonlySet<number>): Promise<number> {
  // Two rounds, because one heap may hold on to objects of another.
  for (let round = 0; round < 2; round++) {
    await page.evaluate(COLLECT);
    for (const worker of page.workers()) await worker.evaluate(COLLECT);
  }
  const [pid, ...others] = processesWithWorkers().filter((each) => !foreign.has(each));
  if (pid === undefined || others.length > 0) throw new Error('The process of the tab cannot be told from others.');
  return 1024 * anonymousKilobytes(pid);
}
