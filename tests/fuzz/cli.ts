/**
 * `npm run fuzz [-- target…] [--seconds N] [--seed S] [--json]`: coverage-guided fuzzing of each target in turn. Inputs that reach new code
 * are kept in test-results/fuzz/<target>/corpus, and the next run continues from them. An input that fails is written next to that folder.
 * `npm run fuzz -- --replay FILE target` runs one input again. The target `server` is a separate process, fuzzed from outside.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { build, type Plugin } from 'vite';
import { countReached } from './instrument.ts';
import { CURRENT_HEADER_BYTES, MAX_INPUT_BYTES, type FuzzOrder, type FuzzReport } from './messages.ts';
import { fuzzServer, type ServerFuzzReport } from './server/fuzz-server.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const RESULTS = join(PROJECT, 'test-results/fuzz');

/** An attempt that lasts longer is a hang. */
const HANG_MS = 10_000;
const LOOK_EVERY_MS = 1_000;
/** JavaScript memory of the fuzzing thread, including the corpus. */
const MEMORY_MIB = 1_024;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '30' },
    seed: { type: 'string', default: String(Date.now()) },
    replay: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

/** The page loads SQLite's code from its server; here the code is on the disk. */
function sqlJsInNode(): Plugin {
  const id = '\0sql-wasm';
  const path = createRequire(import.meta.url).resolve('sql.js/dist/sql-wasm.wasm');
  return {
    name: 'sql-js-in-node',
    enforce: 'pre',
    resolveId: (source) => (source === 'sql.js/dist/sql-wasm-browser.wasm?url' ? id : null),
    load: (asked) => (asked === id ? `export default ${JSON.stringify(path)};` : null),
  };
}

/** Bundles the fuzzer and the program under test as one module, the program with coverage counters. */
async function bundle(): Promise<string> {
  const outDir = join(RESULTS, 'bundle');
  await build({
    configFile: false,
    root: PROJECT,
    logLevel: 'warn',
    plugins: [sqlJsInNode(), countReached()],
    build: { ssr: join(PROJECT, 'tests/fuzz/fuzzer.ts'), outDir, emptyOutDir: true, minify: false, target: 'node20' },
  });
  return join(outDir, 'fuzzer.js');
}

interface Row {
  readonly target: string;
  readonly executions: number;
  readonly perSecond: number;
  readonly places: number;
  readonly features: number;
  readonly corpus: number;
  readonly finding: string | null;
}

/** Runs one target in its own thread, which can be ended if it hangs. */
async function fuzz(module: string, target: string): Promise<Row> {
  const folder = join(RESULTS, target);
  const corpus = join(folder, 'corpus');
  mkdirSync(corpus, { recursive: true });
  const current = new SharedArrayBuffer(CURRENT_HEADER_BYTES + MAX_INPUT_BYTES);
  const replay = values.replay === undefined ? null : new Uint8Array(readFileSync(values.replay));
  const order: FuzzOrder = { target, seconds: Number(values.seconds), seed: values.seed, corpus, replay, current };
  const state = { finding: null as string | null, done: { executions: 0, places: 0, features: 0, corpus: 0 } };
  const found = (kind: string, input: Uint8Array, error: string): void => {
    const path = join(folder, `${kind}-${createHash('sha256').update(input).digest('hex').slice(0, 12)}`);
    writeFileSync(path, input);
    console.log(`\n${kind} in ${target} (${input.length} bytes, ${path}):\n${error}\n`);
    state.finding = path;
  };
  const startedAt = performance.now();
  const worker = new Worker(module, { workerData: order, resourceLimits: { maxOldGenerationSizeMb: MEMORY_MIB } });
  worker.on('message', (report: FuzzReport) => {
    if (report.type === 'finding') found('crash', report.input, report.error);
    if (report.type === 'done') state.done = report;
  });
  // Out of memory, or an error outside any attempt.
  worker.on('error', (error) => found('fatal', underWay(current), error.stack ?? error.message));
  const watch = watchdog(current, () => {
    found('hang', underWay(current), `One attempt took more than ${HANG_MS / 1_000} s.`);
    void worker.terminate();
  });
  await new Promise((resolve) => worker.on('exit', resolve));
  clearInterval(watch);
  const executions = state.done.executions || new Uint32Array(current, 0, 2)[1]!;
  const perSecond = Math.round((1_000 * executions) / (performance.now() - startedAt));
  return { target, ...state.done, executions, perSecond, finding: state.finding };
}

function underWay(current: SharedArrayBuffer): Uint8Array {
  const [length] = new Uint32Array(current, 0, 2);
  return Uint8Array.from(new Uint8Array(current, CURRENT_HEADER_BYTES, length));
}

function watchdog(current: SharedArrayBuffer, hung: () => void): NodeJS.Timeout {
  const head = new Uint32Array(current, 0, 2);
  let [seen, sinceMs] = [0, performance.now()];
  return setInterval(() => {
    if (head[1] !== seen) [seen, sinceMs] = [head[1]!, performance.now()];
    else if (performance.now() - sinceMs > HANG_MS) hung();
  }, LOOK_EVERY_MS);
}

function listTargets(module: string): Promise<readonly { name: string; about: string }[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(module, { workerData: null });
    worker.on('message', (report: FuzzReport) => report.type === 'targets' && resolve(report.targets));
    worker.on('error', reject);
  });
}

const SERVER = {
  name: 'server',
  about: 'the program of npm start, over http and https: requests, handshakes, frames, resets at every stage, vanishing files',
};

/** One round over http and a shorter one over https. */
async function fuzzBothServers(): Promise<{ http: ServerFuzzReport; https: ServerFuzzReport }> {
  const seconds = Number(values.seconds);
  const http = await fuzzServer({ seed: values.seed, seconds: 0.75 * seconds });
  const https = await fuzzServer({ seed: values.seed, seconds: 0.25 * seconds, https: true });
  for (const [name, report] of Object.entries({ http, https })) {
    const { attacks, sockets, requests, handshakes, frames, files, looks, slowestLookMs, socketsLeft, memoryMb, finding } = report;
    console.log(
      `server over ${name}: ${attacks} attacks, ${sockets} sockets, ${requests} requests, ${handshakes} handshakes, ${frames} frames, ` +
        `${files} times a file taken or replaced; ${looks} honest looks, the slowest ${slowestLookMs} ms; ` +
        `${socketsLeft ?? 'unknown'} sockets left; memory ${memoryMb?.map(Math.round).join(' → ') ?? 'unknown'} MiB`,
    );
    if (finding !== null) console.log(`\nfinding in server over ${name} (seed ${values.seed}):\n${finding}\n`);
  }
  return { http, https };
}

const serverAlone = positionals.length === 1 && positionals[0] === SERVER.name && values.replay === undefined;
const module = serverAlone ? '' : await bundle();
const inProcess = serverAlone ? [] : await listTargets(module);
const targets = [...inProcess, SERVER];
if (positionals.some((name) => targets.every((target) => target.name !== name)) || (values.replay && positionals.length !== 1)) {
  console.error('Usage: npm run fuzz [-- target…] [--seconds N] [--seed S] [--json], or -- --replay FILE target');
  for (const { name, about } of targets) console.error(`  ${name.padEnd(18)}${about}`);
  process.exit(2);
}
const rows: Row[] = [];
for (const { name } of inProcess.filter((target) => positionals.length === 0 || positionals.includes(target.name))) {
  const row = await fuzz(module, name);
  rows.push(row);
  const { executions, perSecond, places, features, corpus } = row;
  const reached = `${places} places, ${features} features, corpus ${corpus}`;
  console.log(
    `${name.padEnd(18)}${String(executions).padStart(10)} executions, ${perSecond}/s, ${reached}${row.finding ? '  FINDING' : ''}`,
  );
}
const wantsServer = values.replay === undefined && (positionals.length === 0 || positionals.includes(SERVER.name));
const server = wantsServer ? await fuzzBothServers() : null;
const reports = server === null ? [] : Object.values(server);
const findings = [...rows, ...reports].filter((each) => each.finding !== null).length;
const executions =
  rows.reduce((sum, row) => sum + row.executions, 0) + reports.reduce((sum, { requests, sockets }) => sum + requests + sockets, 0);
console.log(
  values.json
    ? JSON.stringify({ seed: values.seed, executions, findings, rows, ...(server === null ? {} : { server }) })
    : `${executions} executions, ${findings} findings.`,
);
process.exitCode = findings > 0 ? 1 : 0;
