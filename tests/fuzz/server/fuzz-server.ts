import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { Prng } from '../../sim/engine/prng.ts';
import { ATTACKS, vanish } from './attacks.ts';
import { newCounts, type Counts } from './counts.ts';
import { RunningServer } from './running-server.ts';
import type { Door } from './visitor.ts';

export interface ServerFuzzOptions {
  readonly seed: string;
  /** Ends after this time… */
  readonly seconds: number;
  /** …or after this many attacks. */
  readonly attacks?: number;
  readonly https?: boolean;
  readonly patienceMs?: number;
}

export interface ServerFuzzReport extends Counts {
  readonly attacks: number;
  /** Sockets that the server still held ten seconds after the last visitor had left; null if the system does not tell. */
  readonly socketsLeft: number | null;
  /** Resident memory before, at its peak, and after; null if the system does not tell. */
  readonly memoryMb: readonly [before: number, highest: number, after: number] | null;
  /** Description of a failure; null if none. */
  readonly finding: string | null;
}

const AT_ONCE = 128;
const LOOK_EVERY_MS = 200;
/** Time-out of an honest visitor: long enough to tell a hanging server from a busy machine. The slowest look is reported as a figure. */
const LOOK_TIMEOUT_MS = 60_000;
const VANISH_EVERY_MS = 100;
const ALL_GONE_MS = 10_000;

/** Attacks come from many addresses of this machine, honest requests from another one. Only Linux has all these addresses. */
const HONEST = '127.0.0.1';
const hostile = (random: Prng): string => (process.platform === 'linux' ? `127.0.${random.int(1, 20)}.${random.int(1, 250)}` : HONEST);

/** Runs the real server program under attacks of strangers. */
export async function fuzzServer({
  seed,
  seconds,
  attacks = Infinity,
  https = false,
  patienceMs = 10_000,
}: ServerFuzzOptions): Promise<ServerFuzzReport> {
  const server = await RunningServer.start(https);
  const random = new Prng(`${seed}/server`);
  const door: Door = { port: server.port, https, counts: newCounts(), patienceMs, open: new Set() };
  const before = server.memoryMb;
  let highest = before ?? 0;
  let begun = 0;
  let finding: string | null = null;
  const endMs = performance.now() + 1_000 * seconds;
  const running = (): boolean => finding === null && begun < attacks && performance.now() < endMs;

  const attacker = async (own: Prng): Promise<void> => {
    while (running()) {
      begun++;
      await own.pick(ATTACKS)(door, own, hostile(own));
    }
  };
  const vandal = async (own: Prng): Promise<void> => {
    for (; running(); await pause(VANISH_EVERY_MS)) vanish(server.pageFolder, door, own);
  };
  const witness = async (): Promise<void> => {
    for (; running(); await pause(LOOK_EVERY_MS)) {
      finding ??= server.fault ?? (await look(door));
      highest = Math.max(highest, server.memoryMb ?? 0);
    }
  };
  try {
    const attackers = Array.from({ length: AT_ONCE }, (_, i) => attacker(random.fork(`attacker-${i}`)));
    await Promise.all([...attackers, vandal(random.fork('vandal')), witness()]);
    for (const socket of door.open) socket.destroy();
    const socketsLeft = await untilGone(server);
    finding ??= server.fault ?? (await look(door));
    if (finding === null && (socketsLeft ?? 0) > 0) finding = `${socketsLeft} sockets were left.`;
    const memoryMb = before === null ? null : ([before, highest, server.memoryMb ?? 0] as const);
    return { ...door.counts, attacks: begun, socketsLeft, memoryMb, finding };
  } finally {
    await server.stop();
  }
}

async function untilGone(server: RunningServer): Promise<number | null> {
  const endMs = performance.now() + ALL_GONE_MS;
  while ((server.socketsLeft ?? 0) > 0 && performance.now() < endMs) await pause(100);
  return server.socketsLeft;
}

/** Requests a file as an honest visitor. @returns null, or a description of the failure */
function look({ port, https, counts }: Door): Promise<string | null> {
  const startedMs = performance.now();
  return new Promise((resolve) => {
    const options = { port, host: '127.0.0.1', localAddress: HONEST, agent: false, timeout: LOOK_TIMEOUT_MS, rejectUnauthorized: false };
    const asked = (https ? requestHttps : requestHttp)({ ...options, path: '/assets/page-0000.js' }, (response) => {
      let bytes = 0;
      response.on('data', (data: Buffer) => (bytes += data.length));
      response.on('end', () => {
        counts.looks++;
        counts.slowestLookMs = Math.max(counts.slowestLookMs, Math.round(performance.now() - startedMs));
        resolve(response.statusCode === 200 && bytes > 0 ? null : `An honest visitor got ${response.statusCode} and ${bytes} bytes.`);
      });
    });
    asked.on('timeout', () => asked.destroy(new Error('nothing in time')));
    asked.on('error', (error) => resolve(`An honest visitor was not served: ${error.message}`));
    asked.end();
  });
}
