import { existsSync } from 'node:fs';
import { CHROMIUM_PATH } from '../../browser/harness/chromium.ts';
import { TestServer } from '../../browser/harness/server.ts';
import type { Bench, Benchmark } from '../framework/benchmark.ts';
import { alternate, median, medianRatio } from '../framework/measure.ts';
import { chainFile, type ChainFile } from './chain-file.ts';
import { arrive, type Arrival } from './newcomer.ts';
import { ServingTab } from './serving-tab.ts';

const ACCOUNTS = 200;
const ROUNDS = 5;
const SMALL = 1_000;
const LARGE = 100_000;
const LARGEST = 1_000_000;
/** One of this many blocks has a payment: a newcomer fetches only the newest blocks. */
const BLOCKS_PER_PAYMENT = 100;
/** Goals, each with the longest chain for which it holds. */
const GOALS_MS = [
  [SMALL, 1_000],
  [LARGE, 2_000],
  [LARGEST, 4_000],
] as const;
const MAX_KILOBYTES = 600;

/** The chain that is verified after a join and by replay; BENCH_REPLAYED_BLOCKS sets another length. */
const REPLAYED = { blocks: 10_000, transactionsPerBlock: 10, accounts: ACCOUNTS };
const REPLAY_ROUNDS = 2;
const MAX_OVER_REPLAY = 1.3;

/** Runs `work` with a tab that serves the chain. */
async function withServing(url: string, chain: ChainFile, work: (serving: ServingTab) => Promise<void>): Promise<void> {
  const serving = await ServingTab.open(url, chain);
  try {
    await work(serving);
    serving.check();
  } finally {
    await serving.close();
  }
}

/** Milliseconds from the first ready peer until each step. */
function steps({ peerMs, endMs, stepMs }: Arrival): string {
  const since = Object.entries(stepMs).map(([step, ms]) => `${step} ${(ms - peerMs).toFixed(0)}`);
  return [...since, `usable ${(endMs - peerMs).toFixed(0)} ms`].join(', ');
}

async function usable(bench: Bench, url: string, blocks: number): Promise<void> {
  const network = { label: `bench-join-${blocks}` };
  const chain = await chainFile({ blocks, transactionsPerBlock: 1, blocksPerTransfers: BLOCKS_PER_PAYMENT, accounts: ACCOUNTS, network });
  await withServing(url, chain, async ({ openingMs }) => {
    bench.note(`${chain.height} blocks, ${(chain.bytes / 1e6).toFixed(0)} MB: the serving tab opened in ${(openingMs / 1e3).toFixed(1)} s`);
    const arrivals: Arrival[] = [];
    for (let round = 0; round < ROUNDS; round++) arrivals.push(await arrive(url, chain, 'whole', 'usable'));
    const ms = arrivals.map(({ peerMs, endMs }) => endMs - peerMs);
    const fromNavigation = median(arrivals.map(({ endMs }) => endMs));
    bench.note(`after the first ready peer: ${steps(arrivals[0]!)} (the first newcomer, for whom the serving tab makes its snapshots)`);
    bench.note(`the last newcomer: ${steps(arrivals.at(-1)!)}; median from the navigation on: ${fromNavigation.toFixed(0)} ms`);
    const [, goalMs] = GOALS_MS.find(([size]) => blocks <= size) ?? GOALS_MS.at(-1)!;
    bench.figure(`usable_ms_${blocks}`, median(ms), { atMost: goalMs });
    const kilobytes = median(arrivals.map(({ receivedBytes }) => receivedBytes)) / 1e3;
    bench.figure(`kilobytes_${blocks}`, kilobytes, { atMost: MAX_KILOBYTES });
  });
}

async function completeOverReplay(bench: Bench, url: string): Promise<void> {
  const blocks = bench.setting('BENCH_REPLAYED_BLOCKS', REPLAYED.blocks);
  const chain = await chainFile({ ...REPLAYED, blocks, network: { label: 'bench-join-replay' } });
  await withServing(url, chain, async () => {
    const complete = async (choice: 'whole' | 'replay'): Promise<number> => {
      const { peerMs, endMs } = await arrive(url, chain, choice, 'verified');
      return endMs - peerMs;
    };
    const samples = await alternate({ joined: () => complete('whole'), replayed: () => complete('replay') }, REPLAY_ROUNDS);
    const seconds = (name: string): string => samples[name]!.map((ms) => (ms / 1e3).toFixed(1)).join(', ');
    bench.note(`${chain.height} blocks verified after a join in ${seconds('joined')} s, by replay alone in ${seconds('replayed')} s`);
    bench.figure('complete_over_replay', medianRatio(samples, 'joined', 'replayed'), { atMost: MAX_OVER_REPLAY });
  });
}

async function run(bench: Bench, work: (url: string) => Promise<void>): Promise<void> {
  if (!existsSync(CHROMIUM_PATH)) return bench.note('No Chromium here.');
  const server = await TestServer.start();
  try {
    await work(server.url);
  } finally {
    await server.kill();
  }
}

/** The short form. It has the name of the long form, so naming one runs both. */
export const join: Benchmark = {
  name: 'join',
  summary: `a new tab joins a chain of ${SMALL} blocks that another tab serves, over WebRTC, until the tab is usable`,
  run: (bench) => run(bench, (url) => usable(bench, url, SMALL)),
};

export const joinLong: Benchmark = {
  name: 'join',
  summary: `the same with ${LARGE} and ${LARGEST} blocks (the largest by BENCH_BLOCKS), and until all blocks are verified`,
  long: true,
  run: (bench) =>
    run(bench, async (url) => {
      const most = bench.setting('BENCH_BLOCKS', LARGEST);
      for (const blocks of [...[LARGE].filter((size) => size < most), most]) await usable(bench, url, blocks);
      await completeOverReplay(bench, url);
    }),
};
