/** The program behind `npm start`: the built page and the signaling server on one port. */
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { fileURLToPath } from 'node:url';
import { renderUnicodeCompact } from 'uqr';
import { TabchainError } from '../src/util/errors.ts';
import { lanAddresses, pageLinks } from './addresses.ts';
import { selfSignedCertificate } from './certificate.ts';
import { listen } from './listen.ts';
import { pageFiles } from './page-files.ts';
import { readSettings, type Settings } from './settings.ts';
import { SignalingServer } from './signaling-server.ts';

const projectFile = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

function createServer({ https, host }: Settings, port: () => number): Server {
  const serve = pageFiles(projectFile('dist'), () => pageLinks(https ? 'https' : 'http', host, port()).lan);
  if (!https) return createHttpServer(serve);
  const folder = projectFile('node_modules/.cache/tabchain');
  return createHttpsServer(selfSignedCertificate(folder, lanAddresses(), Date.now()), serve);
}

function announce(settings: Settings, port: number): void {
  const { local, lan } = pageLinks(settings.https ? 'https' : 'http', settings.host, port);
  const lines = ['', 'Tabchain is running. Open it in a browser:', ''];
  if (!settings.portChosen && port !== settings.port) lines.unshift('', `Port ${settings.port} is in use, so this is port ${port}.`);
  if (local !== null) lines.push(`  on this machine   ${local}`);
  for (const link of lan) lines.push(`  on this network   ${link}`);
  if (lan[0] !== undefined) lines.push('', renderUnicodeCompact(lan[0], { border: 2 }));
  if (settings.https) lines.push('', 'The certificate is self-signed: each browser warns once; continue past the warning.');
  lines.push('', 'Ctrl+C stops it.', '');
  console.log(lines.join('\n'));
}

function stopOnSignal(server: Server, signaling: SignalingServer): void {
  const stop = (): void => {
    signaling.close();
    server.close(() => process.exit(0));
    server.closeIdleConnections();
    // Keep-alive connections and slow downloads would hold the program back.
    setTimeout(() => process.exit(0), 500).unref();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

async function main(): Promise<void> {
  const settings = readSettings(process.env, process.argv.slice(2));
  const signaling = new SignalingServer();
  let port = settings.port;
  const server = createServer(settings, () => port);
  signaling.attach(server, 'refuse');
  stopOnSignal(server, signaling);
  port = await listen(server, settings);
  announce(settings, port);
}

main().catch((error: unknown) => {
  console.error(error instanceof TabchainError ? error.message : error);
  process.exit(1);
});
