/** The program behind `npm start`: the built page and the signaling server on one port. */
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { TabchainError } from '../src/util/errors.ts';
import { defaultRouteAddress, lanAddresses, pageLinks, type PageLinks } from './addresses.ts';
import { announcement } from './announcement.ts';
import type { Bus } from './bus.ts';
import type { Certificate } from './certificate.ts';
import { listen } from './listen.ts';
import { logFault } from './log.ts';
import { monitored } from './monitoring.ts';
import { pageFiles, refuse, type RequestHandler } from './page-files.ts';
import { Reach, readReachSettings } from './reach.ts';
import { readSettings } from './settings.ts';
import { SignalingServer } from './signaling-server.ts';
import { createWebServer, guarded } from './web-server.ts';

const projectFile = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Time for tabs to answer the close of their sockets, and for downloads to end. */
const STOP_TIMEOUT_MS = 3_000;

/** Closes everything in order on SIGINT and SIGTERM, and ends the process within a few seconds. */
function stopOnSignal(server: Server, signaling: SignalingServer): void {
  let stopping = false;
  const stop = (): void => {
    // Who presses Ctrl+C twice does not want to wait.
    if (stopping) process.exit(0);
    stopping = true;
    server.close(() => process.exit(0));
    signaling.close();
    server.closeIdleConnections();
    setTimeout(() => process.exit(0), STOP_TIMEOUT_MS).unref();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

/** A fault that no test and no fuzzer has found must not end a lesson. From now on faults are only logged, and the server goes on. */
function outliveFaults(server: Server): void {
  server.on('error', logFault);
  process.on('uncaughtException', logFault);
  process.on('unhandledRejection', logFault);
}

/** Loads the module only when needed, because node-forge takes several megabytes. */
async function ownCertificate(): Promise<Certificate> {
  const { selfSignedCertificate } = await import('./certificate.ts');
  return selfSignedCertificate(projectFile('node_modules/.cache/tabchain'), lanAddresses(), Date.now());
}

/** Loads the client of Redis only when needed. */
async function redisBus(url: string): Promise<Bus> {
  const { RedisBus } = await import('./redis-bus.ts');
  return new RedisBus(url, (text) => console.error(text));
}

const noPage: RequestHandler = (_request, response) =>
  refuse(response, 404, 'This is a signaling server of Tabchain. It serves no page; its sockets are at /signal.');

async function main(): Promise<void> {
  const settings = readSettings(process.env, process.argv.slice(2));
  const reach = new Reach(readReachSettings(process.env));
  const scheme = settings.https ? 'https' : 'http';
  let port = settings.port;
  const links = async (): Promise<PageLinks> => pageLinks(scheme, settings.host, port, await defaultRouteAddress());
  const signaling = new SignalingServer({}, settings.redisUrl === null ? null : await redisBus(settings.redisUrl));
  const { iceServers } = settings;
  const page = settings.signalingOnly ? noPage : pageFiles(projectFile('dist'), async () => ({ lan: (await links()).lan, iceServers }));
  const { version } = JSON.parse(readFileSync(projectFile('package.json'), 'utf8')) as { version: string };
  const serve = monitored(page, { signaling, version, metricsToken: settings.metricsToken });
  const server = createWebServer(serve, reach, settings.https ? await ownCertificate() : null);
  signaling.attach(server, guarded(serve, reach), reach);
  stopOnSignal(server, signaling);
  port = await listen(server, settings);
  outliveFaults(server);
  console.log(announcement(settings, port, await links()));
}

main().catch((error: unknown) => {
  console.error(error instanceof TabchainError ? error.message : error);
  process.exit(1);
});
