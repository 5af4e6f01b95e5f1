/** Entry of the node worker: makes the browser's `Env`, and serves the page's calls by a node. */
import initSqlJs from 'sql.js';
import wasmUrl from 'sql.js/dist/sql-wasm-browser.wasm?url';
import { createVerifier } from '../crypto/rsa/verifier.ts';
import { hasAdapter } from '../miner/gpu/device.ts';
import { createInProcessMiner } from '../miner/in-process.ts';
import { chooseKernel } from '../miner/kernel/choose.ts';
import { workerPort } from '../miner/worker-port.ts';
import { deleteDatabase } from '../storage/disk/bounded-indexeddb.ts';
import { IndexedDbSentMemos, sentMemosName } from '../storage/sent-memos.ts';
import { IndexedDbMedium } from '../storage/disk/medium-indexeddb.ts';
import { PageDisk } from '../storage/disk/page-disk.ts';
import { TabchainError } from '../util/errors.ts';
import { ConsoleLog } from '../util/log.ts';
import type { Random } from '../util/ports.ts';
import type { Env } from './env.ts';
import { LinkProxy } from './link-proxy.ts';
import { sendNote, serve, type MessageEndpoint } from '../api/rpc.ts';
import { callRead, type NodeNote, type NodeService, type PageNote, type ReadMethod } from '../api/service.ts';
import { TabNode } from './tab-node.ts';
import { workerTimers } from './worker-timers.ts';

const endpoint: MessageEndpoint = self;
const post = (note: NodeNote, transfer: Transferable[] = []): void => sendNote(endpoint, note, transfer);

const consoleLog = new ConsoleLog();

const links = new LinkProxy(post);
// Undefined on plain http, although the types say otherwise.
const subtle = (crypto.subtle as SubtleCrypto | undefined) ?? null;

async function start(): Promise<TabNode> {
  const clock = { now: () => Date.now(), monotonic: () => performance.now() };
  const random: Random = { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) };
  const timers = workerTimers();
  const env: Env = {
    clock,
    random,
    timers,
    log: consoleLog.log,
    transport: links,
    verifier: createVerifier({ subtle }),
    subtle,
    sql: await initSqlJs({ locateFile: () => wasmUrl }).catch((error: unknown) => {
      const message = `SQLite could not be loaded: ${error instanceof Error ? error.message : String(error)}`;
      throw new TabchainError('script-blocked', message, { role: 'node' });
    }),
    // Half of the cores, so that the page and the rest of the machine stay responsive.
    defaultThreads: Math.max(1, Math.floor(navigator.hardwareConcurrency / 2)),
    spawnMiner: () => workerPort(new Worker(new URL('../miner/miner.worker.ts', import.meta.url), { type: 'module' })),
    spawnLocalMiner: () => createInProcessMiner({ kernel: chooseKernel(random, clock), clock, timers }),
    gpu: {
      available: () => hasAdapter(navigator.gpu as GPU | undefined),
      spawn: () => workerPort(new Worker(new URL('../miner/gpu/gpu.worker.ts', import.meta.url), { type: 'module' }), 'gpu-lost'),
    },
    openDisk: (name, fencingToken, onLate) => PageDisk.open(new IndexedDbMedium(indexedDB, name, timers, onLate), fencingToken),
    openSentMemos: (networkId, address) => new IndexedDbSentMemos(indexedDB, sentMemosName(networkId, address), timers),
    removeDisk: (name) => deleteDatabase(indexedDB, name, timers),
  };
  return new TabNode(env, {
    event: (event) => post({ kind: 'event', event }),
    registerStep: (step, fraction) => post({ kind: 'register-step', step, fraction }),
    saved: (address, mark) => post({ kind: 'saved', address, mark }),
  });
}

/** Calls that arrive before sql.js is compiled wait for this promise. */
const node = start();
const service = new Proxy({} as NodeService, {
  get:
    (_target, method: keyof NodeService) =>
    async (...args: unknown[]) => {
      const started = await node;
      if (method in started.reads) return callRead(started.reads, method as ReadMethod, args);
      return (started[method as Exclude<typeof method, ReadMethod>] as (...values: unknown[]) => unknown).apply(started, args);
    },
});

serve<NodeService>(endpoint, service, (note) => {
  const message = note as PageNote;
  if (message.kind === 'log') consoleLog.show(message.areas);
  else if (message.kind === 'signaling') void node.then((started) => started.setSignaling(message.state));
  else if (message.kind === 'device-state') void node.then((started) => started.setDeviceState(message.deviceState));
  else if (message.kind === 'links-doubted') void node.then((started) => started.doubtLinks(message.stale));
  else links.handle(message);
});
