import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nonceOf, type SearchJob } from '../../src/miner/kernel/kernel.ts';
import { referenceKernel } from '../../src/miner/kernel/reference.ts';
import type { MinerReport } from '../../src/miner/messages.ts';
import { BLOCK_VERSION, headerHash, sealHeader, type BlockHeader } from '../../src/protocol/block.ts';
import { expandBits } from '../../src/protocol/target.ts';
import { bigIntToBytes, bytesToBigInt, fromHex, toHex } from '../../src/util/bytes.ts';
import { Chromium } from './harness/chromium.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { TestServer } from './harness/server.ts';
import type { Tab } from './harness/tab.ts';
import { waitUntil } from './harness/wait.ts';

/** A GPU emulated by the processor: slow, but it runs the same shader through the same WebGPU as a real one. */
const SWIFTSHADER = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];
/** The kernel's name with the adapter's own name, which proves that this adapter has run. */
const KERNEL = 'webgpu (google swiftshader)';
const NO_ADAPTER = `This Chromium offers no WebGPU adapter, though it was started with ${SWIFTSHADER.join(' ')}.`;
/** One seal takes 2^15 expected hashes: more than a first batch, and noble computes them in a moment. */
const TARGET = (1n << 241n) - 1n;
const EASY_BITS = 0x1f00ffff;
const PASSPHRASE = 'correct horse battery';

let server: TestServer;
let browser: Chromium;

beforeAll(async () => {
  server = await TestServer.start();
  browser = await Chromium.launch({ flags: SWIFTSHADER });
});

afterAll(async () => {
  await browser?.dispose();
  await server?.kill();
});

interface PlainJob {
  headerHash: number[];
  nonceBase: number[];
  target: number[];
}

/** Runs in the page: gives the page's own GPU worker one job after the other. @returns its reports until the last find or a failure */
function searchInPage({ worker, jobs }: { worker: string; jobs: PlainJob[] }): Promise<MinerReport[]> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(worker, { type: 'module' });
    const reports: MinerReport[] = [];
    const begin = (tag: number): void => {
      const { headerHash, nonceBase, target } = jobs[tag]!;
      const job = { headerHash: new Uint8Array(headerHash), nonceBase: new Uint8Array(nonceBase), target: new Uint8Array(target) };
      thread.postMessage({ type: 'work', tag, throttle: 100, job });
    };
    thread.onerror = (event) => reject(new Error(event.message));
    thread.onmessage = ({ data }: MessageEvent<MinerReport>) => {
      reports.push(data);
      if (data.type === 'failed' || (data.type === 'found' && data.tag === jobs.length - 1)) {
        thread.terminate();
        resolve(reports);
      } else if (data.type === 'found') begin(data.tag + 1);
    };
    begin(0);
  });
}

/** Searches the jobs on the GPU. @returns the found words, one for each job */
async function searchOnGpu(jobs: SearchJob[]): Promise<number[]> {
  const assets = fileURLToPath(new URL('../../dist/assets/', import.meta.url));
  // Workers have neutral names, because content blockers match names. Only this worker contains a shader.
  const file = readdirSync(assets).find((name) => name.endsWith('.js') && readFileSync(assets + name, 'utf8').includes('@compute'));
  const { page } = await browser.newTab('bench');
  await page.goto(`${server.url}${testNetworkLink('gpu-bench')}`);
  const plain = jobs.map(({ headerHash, nonceBase, target }) => ({
    headerHash: [...headerHash],
    nonceBase: [...nonceBase],
    target: [...target],
  }));
  const reports = await page.evaluate(searchInPage, { worker: `assets/${file}`, jobs: plain });
  await page.close();
  expect(
    reports.filter(({ type }) => type === 'failed'),
    NO_ADAPTER,
  ).toEqual([]);
  expect(reports[0]).toEqual({ type: 'ready', kernel: KERNEL });
  const hashes = reports.reduce((sum, report) => sum + (report.type === 'progress' ? report.hashes : 0), 0);
  const words = reports.flatMap((report) => (report.type === 'found' ? [report.word] : []));
  expect(words).toHaveLength(jobs.length);
  // The GPU has tried at least all words up to its finds.
  expect(hashes).toBeGreaterThan(words.reduce((sum, word) => sum + word, 0));
  return words;
}

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

describe('the search on the GPU', () => {
  test('finds the first valid word of random jobs, as noble does, and misses none', async () => {
    const jobs = Array.from({ length: 5 }, () => ({ headerHash: random(32), nonceBase: random(16), target: bigIntToBytes(TARGET, 32) }));
    const words = await searchOnGpu(jobs);
    expect(words).toEqual(jobs.map((job) => referenceKernel.search(job, 0, 2 ** 32).found));
    for (const [i, { headerHash: hash, nonceBase }] of jobs.entries()) {
      const inner = createHash('sha256').update(hash).update(nonceOf(nonceBase, words[i]!)).digest();
      const seal = createHash('sha256').update(inner).digest().reverse();
      expect(bytesToBigInt(new Uint8Array(seal)) <= TARGET).toBe(true);
    }
  });

  test('seals a block', async () => {
    const header: BlockHeader = {
      version: BLOCK_VERSION,
      height: 7,
      previous: toHex(random(32)),
      historyRoot: random(32),
      transactionRoot: random(32),
      stateRoot: random(32),
      timeMs: 1_767_225_600_000,
      bits: EASY_BITS,
      supply: 0,
      miner: toHex(random(20)) as BlockHeader['miner'],
    };
    const nonceBase = random(16);
    const target = expandBits(EASY_BITS);
    const [word] = await searchOnGpu([{ headerHash: headerHash(header), nonceBase, target: bigIntToBytes(target, 32) }]);
    const { id } = sealHeader(header, nonceOf(nonceBase, word!));
    expect(id.startsWith('00')).toBe(true);
    expect(bytesToBigInt(fromHex(id)) <= target).toBe(true);
  });
});

describe.sequential('a tab that mines on the GPU', () => {
  let tab: Tab<Page>;
  const problems: string[] = [];

  beforeAll(async () => {
    // Hard enough that not every batch has a find, easy enough for a processor that emulates a GPU.
    const network = { blockTimeMs: 2_000, powLimitBits: 0x1e3fffff };
    tab = await browser.openTab('miner', server.url + testNetworkLink('gpu', network));
    await tab.page.exposeFunction('noteProblem', (code: string) => void problems.push(code));
    await tab.page.evaluate(() => {
      const page = window as unknown as { noteProblem(code: string): void };
      window.tabchain.subscribe((event) => {
        if (event.type === 'problem') page.noteProblem(event.code);
      });
    });
    await tab.call('register', { name: 'gpu', passphrase: PASSPHRASE });
  });

  test('leaves it off by default', async () => {
    const [status] = await waitUntil([tab], NO_ADAPTER, ([s]) => s!.mining.gpu !== 'unavailable', 30_000);
    expect(status!.mining.gpu).toBe('off');
    expect((await tab.call('mine', true, { threads: 1 })).gpu).toBe('off');
  });

  test('switches it on and off by the card, and shows its state', async () => {
    const box = tab.page.getByRole('checkbox', { name: 'Use the graphics card too' });
    // Before the card shows that mining runs, the switch is a choice for the next start.
    await tab.page.getByRole('button', { name: 'Stop mining' }).waitFor();
    await box.check();
    const [status] = await waitUntil([tab], 'the GPU', ([s]) => s!.mining.gpu === 'on');
    expect(status!.mining).toMatchObject({ on: true, threads: 1 });
    expect(status!.mining.kernel).toMatch(/^wasm-.* \+ webgpu \(google swiftshader\)$/);
    await tab.screenshot('gpu-switch');
    await box.uncheck();
    await waitUntil([tab], 'the GPU off', ([s]) => s!.mining.gpu === 'off' && s!.mining.on);
  });

  test('mines blocks with it, also throttled', async () => {
    const before = await tab.status();
    await tab.call('mine', true, { gpu: true, throttle: 50 });
    const [after] = await waitUntil([tab], 'blocks', ([s]) => s!.mining.gpu === 'on' && s!.mining.blocks >= before.mining.blocks + 2);
    expect(after!.mining.hashrate).toBeGreaterThan(0);
    expect(problems).toEqual([]);
  });

  test('loses it, reports this, mines on with the processor, and tries again on request', async () => {
    await tab.call('mine', true, { gpu: true, throttle: 100 });
    await waitUntil([tab], 'the GPU', ([s]) => s!.mining.gpu === 'on');
    const devtools = await tab.page.context().newCDPSession(tab.page);
    await devtools.send('Browser.crashGpuProcess');
    const [lost] = await waitUntil([tab], 'the loss', ([s]) => s!.mining.gpu === 'failed');
    expect(lost!.mining).toMatchObject({ on: true, threads: 1 });
    expect(lost!.mining.kernel).not.toContain('webgpu');
    await expect.poll(() => problems).toEqual(['gpu-lost']);
    await waitUntil([tab], 'a block without it', ([s]) => s!.mining.blocks > lost!.mining.blocks);
    expect(await tab.page.getByRole('checkbox', { name: 'Use the graphics card too' }).isChecked()).toBe(false);
    expect((await tab.call('mine', true, { gpu: true })).gpu).toBe('starting');
    await waitUntil([tab], 'the GPU again', ([s]) => s!.mining.gpu === 'on');
    const off = await tab.call('mine', false);
    expect(off).toMatchObject({ on: false, hashrate: 0, gpu: 'off' });
  });
});

test('a browser without an adapter offers no switch, and gives a reason for refusing', async () => {
  const plain = await Chromium.launch();
  try {
    const tab = await plain.openTab('plain', server.url + testNetworkLink('gpu-none'));
    await tab.call('register', { name: 'plain', passphrase: PASSPHRASE });
    await expect(tab.call('mine', true, { gpu: true })).rejects.toMatchObject({ code: 'gpu-unavailable' });
    expect((await tab.status()).mining).toMatchObject({ on: false, gpu: 'unavailable' });
    await tab.page.getByRole('button', { name: 'Start mining' }).waitFor();
    expect(await tab.page.getByRole('checkbox').count()).toBe(0);
    expect(tab.problems).toEqual([]);
  } finally {
    await plain.dispose();
  }
});
