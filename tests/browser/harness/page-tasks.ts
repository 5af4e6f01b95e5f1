import type { Page } from 'playwright-core';

/** One task of a page's thread. */
export interface PageTask {
  /** Duration by the clock, as the Long Tasks API reports. On a busy machine most of it is the time of other programs. */
  readonly clockMs: number;
  /** Processor time of the task itself. */
  readonly processorMs: number;
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Durations in microseconds: by the clock, and of the thread's processor time. */
  readonly dur?: number;
  readonly tdur?: number;
  readonly args: { readonly name?: string };
}

const MAIN_THREAD = 'CrRendererMain';
const TASK = 'ThreadControllerImpl::RunTask';

/** All tasks of a millisecond or more on the threads of the browser's pages during `work`, from the browser's own trace. */
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
