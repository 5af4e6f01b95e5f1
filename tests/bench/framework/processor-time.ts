import { readdirSync, readFileSync } from 'node:fs';

/** Thread name of a dedicated worker, as Linux truncates it. */
const WORKER_THREAD = 'DedicatedWorker';

/**
 * Processor time so far, in milliseconds, of all processes with dedicated workers in browsers that this process started. Null if the system
 * does not tell (Linux's /proc does). Their other threads count too, because some collect a worker's garbage. On a busy machine a rate by
 * the wall clock says more about other programs than about the code.
 */
export function workerProcessorMs(): number | null {
  try {
    const nanoseconds = processesWithWorkers()
      .flatMap(threadsOf)
      .reduce((sum, thread) => sum + runTime(thread), 0);
    return nanoseconds > 0 ? nanoseconds / 1e6 : null;
  } catch {
    return null;
  }
}

/** Clock ticks of /proc: 100 a second on all common Linux systems. */
const TICK_MS = 10;

/** Like {@link workerProcessorMs}, but includes threads that have ended, in steps of 10 ms. */
export function workerProcessMs(): number | null {
  try {
    const pids = processesWithWorkers();
    return pids.length === 0 ? null : processorMsOf(pids);
  } catch {
    return null;
  }
}

/** Processor time of processes so far in milliseconds, in steps of 10 ms. */
export function processorMsOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + ticks(pid), 0) * TICK_MS;
}

function ticks(pid: number): number {
  // The fields after the name in brackets: state, …, utime (12th), stime (13th).
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** Processor time of this process, in milliseconds. */
export function ownProcessorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Ids of the processes with dedicated workers, in browsers that this process started. */
export function processesWithWorkers(): number[] {
  return descendants(process.pid).filter((pid) => threadsOf(pid).length > 0);
}

function descendants(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const parent = parentOf(Number(entry));
    if (parent !== null) children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  const found: number[] = [];
  for (let next = children.get(root) ?? []; next.length > 0; next = next.flatMap((pid) => children.get(pid) ?? [])) found.push(...next);
  return found;
}

function parentOf(pid: number): number | null {
  try {
    // "pid (name) state parent …"; the name may contain any character.
    return Number(
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) \S+ /s, '')
        .split(' ')[0],
    );
  } catch {
    // The process has ended meanwhile.
    return null;
  }
}

/** Threads of a process; none if it has no dedicated worker. */
function threadsOf(pid: number): string[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}`);
    const hasWorker = threads.some((path) => readFileSync(`${path}/comm`, 'utf8').startsWith(WORKER_THREAD));
    return hasWorker ? threads : [];
  } catch {
    return [];
  }
}

/** Processor time of a thread, in nanoseconds. */
function runTime(thread: string): number {
  return Number(readFileSync(`${thread}/schedstat`, 'utf8').split(' ')[0]);
}
