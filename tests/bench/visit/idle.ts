import { existsSync } from 'node:fs';
import { CHROMIUM_PATH, Chromium } from '../../browser/harness/chromium.ts';
import { testNetworkLink } from '../../browser/harness/network-link.ts';
import { TestServer } from '../../browser/harness/server.ts';
import { waitUntil } from '../../browser/harness/wait.ts';
import type { Bench, Benchmark } from '../framework/benchmark.ts';
import { processesWithWorkers, processorMsOf } from '../framework/processor-time.ts';

const PEERS = 8;
/** Links settle and the last status is drawn. */
const SETTLE_MS = 20_000;
const MEASURED_MS = 60_000;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function run(bench: Bench): Promise<void> {
  if (!existsSync(CHROMIUM_PATH)) return bench.note('No Chromium here.');
  if (process.platform !== 'linux')
    return bench.note('Only Linux tells the processor time of a process in a way that this benchmark reads.');
  const foreign = new Set(processesWithWorkers());
  const server = await TestServer.start();
  const [own, others] = [await Chromium.launch(), await Chromium.launch()];
  try {
    const url = server.url + testNetworkLink('bench-idle', { blockTimeMs: 1_000 });
    const tab = await own.openTab('idle', url);
    await tab.call('register', { name: 'idle', passphrase: 'correct horse battery' });
    await tab.call('mine', true, { threads: 1 });
    await waitUntil([tab], 'the account', ([status]) => status!.account?.registration === 'confirmed');
    await tab.call('mine', false);
    const processes = processesWithWorkers().filter((pid) => !foreign.has(pid));
    for (let i = 0; i < PEERS; i++) await others.openTab(`peer ${i}`, url);
    await waitUntil([tab], 'all links', ([status]) => status!.peers.filter(({ state }) => state === 'ready').length === PEERS);
    await pause(SETTLE_MS);
    const before = processorMsOf(processes);
    const startedAt = performance.now();
    await pause(MEASURED_MS);
    const percent = (100 * (processorMsOf(processes) - before)) / (performance.now() - startedAt);
    bench.note(`the process of the page and its workers, of one core, on the first page, with ${PEERS} peers, logged in, not mining`);
    bench.figure('idle_cpu_percent', percent, { atMost: 1.5 });
  } finally {
    await own.dispose();
    await others.dispose();
    await server.kill();
  }
}

export const idle: Benchmark = {
  name: 'page',
  summary: `processor time of an idle tab with ${PEERS} peers`,
  long: true,
  run,
};
