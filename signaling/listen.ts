import type { AddressInfo, Server } from 'node:net';
import { TabchainError } from '../src/util/errors.ts';
import { PORT_ATTEMPTS, type Settings } from './settings.ts';

/**
 * Opens the port, or the next free port unless the user chose the port.
 * @returns the port in use
 * @throws TabchainError `port-busy`, `port-forbidden`, `host-unavailable`
 */
export async function listen(server: Server, { host, port, portChosen }: Settings): Promise<number> {
  const lastPort = portChosen ? port : port + PORT_ATTEMPTS;
  for (let candidate = port; ; candidate++) {
    try {
      return await listenOnce(server, host, candidate);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== 'EADDRINUSE' || candidate >= lastPort) throw explain(error, code, host, port);
    }
  }
}

function listenOnce(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function explain(error: unknown, code: string | undefined, host: string, port: number): unknown {
  if (code === 'EADDRINUSE') return new TabchainError('port-busy', `Another program uses port ${port}. Set PORT to a free port.`, { port });
  if (code === 'EACCES') return new TabchainError('port-forbidden', `You may not open port ${port}. Set PORT to 1024 or above.`, { port });
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new TabchainError('host-unavailable', `This machine has no address "${host}". Check HOST.`, { host });
  }
  return error;
}
