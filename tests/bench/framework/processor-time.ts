import { readdirSync, readFileSync } from 'node:fs';

/** As the kernel cuts it. */
const WORKER_THREAD = 'DedicatedWorker';

/**
 * Processor time so far of all processes with dedicated workers, of the browsers that this process has started, in milliseconds; null where the
 * system does not tell (it is Linux's /proc). Other threads of theirs count too, for some collect a worker's garbage. On a busy
 * machine a rate by the clock on the wall says more about the neighbours than about the code.
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

/** Clock ticks of /proc, 100 a second on every Linux that people use. */
const TICK_MS = 10;

/** The same with threads that have ended meanwhile, but only in steps of 10 ms; null as there. */
export function workerProcessMs(): number | null {
  try {
    const pids = processesWithWorkers();
    return pids.length === 0 ? null : pids.reduce((sum, pid) => sum + ticks(pid), 0) * TICK_MS;
  } catch {
    return null;
  }
}

function ticks(pid: number): number {
  // After the name in brackets: state, … utime (12th), stime (13th).
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** Of this process, in milliseconds. */
export function ownProcessorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Processes with dedicated workers, of the browsers that this process has started. */
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
    // "pid (name) state parent …"; the name may hold anything.
    return Number(
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) \S+ /s, '')
        .split(' ')[0],
    );
  } catch {
    // It has ended meanwhile.
    return null;
  }
}

/** Threads of a process, none when it has no worker. */
function threadsOf(pid: number): string[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`).map((thread) => `/proc/${pid}/task/${thread}`);
    const hasWorker = threads.some((path) => readFileSync(`${path}/comm`, 'utf8').startsWith(WORKER_THREAD));
    return hasWorker ? threads : [];
  } catch {
    return [];
  }
}

/** Nanoseconds. */
function runTime(thread: string): number {
  return Number(readFileSync(`${thread}/schedstat`, 'utf8').split(' ')[0]);
}
