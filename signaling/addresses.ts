import { networkInterfaces } from 'node:os';

/** Every IPv4 address under which other machines of the local network may reach this one. */
export function lanAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map(({ address }) => address);
}

export interface PageLinks {
  /** For this machine; null when the server listens on another interface only. */
  local: string | null;
  /** For the other machines. */
  lan: string[];
}

/** The links under which a server on `host` and `port` is reached. */
export function pageLinks(scheme: 'http' | 'https', host: string, port: number): PageLinks {
  const link = (name: string): string => `${scheme}://${name.includes(':') ? `[${name}]` : name}:${port}/`;
  if (host === '0.0.0.0' || host === '::') return { local: link('localhost'), lan: lanAddresses().map(link) };
  if (host === 'localhost' || host === '::1' || host.startsWith('127.'))
    return { local: link(host === '::1' ? host : 'localhost'), lan: [] };
  return { local: null, lan: [link(host)] };
}
