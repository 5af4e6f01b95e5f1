import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { TestServer } from '../../browser/harness/server.ts';
import type { Bench, Benchmark } from '../framework/benchmark.ts';
import { Crowd } from './crowd.ts';

const SOCKETS = 5_000;
/** A class. */
const PUPILS = 40;
const STORMS = 10;
const STORM_PAUSE_MS = 500;
const QUIET_MS = 30_000;
/** Tabs that send to tabs that do not read, and the number of targets: few enough that the system's buffers are soon full. */
const TALKERS = 300;
const TARGETS = 90;
const UNREAD_MS = 30_000;
const LOOK_EVERY_MS = 50;
const GOAL_MIB = 150;
const UNREAD_GOAL_MIB = 512;

function residentMib(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
}

/** Processor seconds of a process so far, at Linux's 100 ticks a second. */
function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function highestWhile(pid: number, ms: number): Promise<number> {
  let highest = 0;
  for (const endMs = performance.now() + ms; performance.now() < endMs; await pause(LOOK_EVERY_MS)) {
    highest = Math.max(highest, residentMib(pid));
  }
  return highest;
}

async function run(bench: Bench): Promise<void> {
  if (process.platform !== 'linux') return bench.note('Only Linux tells the memory of a process in a way that this benchmark reads.');
  const server = await TestServer.start({ signalingOnly: true });
  const { pid } = server;
  try {
    bench.note(`${residentMib(pid).toFixed(0)} MiB before the first socket`);
    const before = processorSeconds(pid);
    const crowd = await Crowd.join(server.port, SOCKETS);
    bench.note(`${(processorSeconds(pid) - before).toFixed(1)} s of the server's processor time for ${SOCKETS} joins`);
    const joining = residentMib(pid);
    const quiet = processorSeconds(pid);
    await pause(QUIET_MS);
    bench.figure('cpu_percent_quiet', (100 * (processorSeconds(pid) - quiet)) / (QUIET_MS / 1_000));
    bench.note(`${joining.toFixed(0)} MiB when the last had joined; ${crowd.open} sockets are open ${QUIET_MS / 1_000} s later`);
    bench.figure(`rss_mib_${SOCKETS}_sockets`, residentMib(pid), { atMost: GOAL_MIB });
    await storms(bench, server);
    const stop = crowd.stopReading(TALKERS, TARGETS);
    const highest = await highestWhile(pid, UNREAD_MS);
    stop();
    bench.note(`${crowd.open} sockets are open after ${UNREAD_MS / 1_000} s in which ${SOCKETS - TALKERS} did not read`);
    bench.figure('rss_mib_unread', highest, { atMost: UNREAD_GOAL_MIB });
    crowd.leave();
  } finally {
    await server.kill();
  }
}

/** A class of pupils opens the page at once, beside all the other sockets. */
async function storms(bench: Bench, { port, pid }: TestServer): Promise<void> {
  const timesMs: number[] = [];
  const before = processorSeconds(pid);
  for (let i = 0; i < STORMS; i++) {
    const startedAt = performance.now();
    const pupils = await Crowd.storm(port, PUPILS);
    timesMs.push(performance.now() - startedAt);
    pupils.leave();
    await pause(STORM_PAUSE_MS);
  }
  bench.figure('class_joined_ms', timesMs.toSorted((a, b) => a - b)[STORMS >> 1]!);
  bench.figure('class_joined_cpu_ms', (1_000 * (processorSeconds(pid) - before)) / STORMS);
}

export const signaling: Benchmark = {
  name: 'signaling',
  summary: `the signaling server with ${SOCKETS} joined sockets: memory, processor time, a class of ${PUPILS} that joins, and sockets that stop reading`,
  run,
};
