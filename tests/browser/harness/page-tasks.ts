import type { Page } from 'playwright-core';

/** One task of a page's thread. */
export interface PageTask {
  /** By the clock: what the Long Tasks API reports, on a busy machine mostly the time that others had the processor. */
  readonly clockMs: number;
  /** What it computed itself. */
  readonly processorMs: number;
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds, by the clock and of the thread's processor time. */
  readonly dur?: number;
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

const MAIN_THREAD = 'CrRendererMain';
const TASK = 'ThreadControllerImpl::RunTask';

/** All tasks that took a millisecond or more on the threads of the browser's pages while `work` ran, by the browser's own trace. */
export async function tasksDuring(page: Page, work: () => Promise<void>): Promise<PageTask[]> {
  const session = await page.context().browser()!.newBrowserCDPSession();
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  const ended = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  const includedCategories = ['toplevel', '__metadata'];
  await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories } });
  try {
    await work();
  } finally {
    await session.send('Tracing.end');
    await ended;
    await session.detach();
  }
  const thread = ({ pid, tid }: TraceEvent): string => `${pid}/${tid}`;
  const pages = new Set(events.filter(({ name, args }) => name === 'thread_name' && args.name === MAIN_THREAD).map(thread));
  return events
    .filter((event) => event.name === TASK && (event.dur ?? 0) >= 1_000 && pages.has(thread(event)))
    .map(({ dur, tdur }) => ({ clockMs: dur! / 1_000, processorMs: (tdur ?? dur!) / 1_000 }));
}
