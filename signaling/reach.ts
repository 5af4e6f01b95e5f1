import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { TabchainError } from '../src/util/errors.ts';
import { Proxies } from './proxies.ts';

/** The names under which the server answers, and the proxies that it trusts. */
export interface ReachSettings {
  /** Host names in the form that browsers send; "*" allows all. */
  readonly allowedHosts: readonly string[];
  readonly proxies: Proxies;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Names that the public DNS never resolves, so no stranger can point such a name at this machine (RFC 6761, RFC 6762 with its appendix G,
 * RFC 8375).
 */
const LOCAL_ENDINGS = /\.(localhost|local|lan|home|internal|intranet|private|corp|localdomain|home\.arpa)$/;

/**
 * Reads `ALLOWED_HOSTS` and `TRUST_PROXY` from the environment.
 * @throws TabchainError `allowed-hosts-invalid`, `trust-proxy-invalid`
 */
export function readReachSettings(environment: Environment): ReachSettings {
  const words = (name: string): string[] => (environment[name] ?? '').split(/[\s,]+/).filter((word) => word !== '');
  return {
    allowedHosts: words('ALLOWED_HOSTS').map((word) => (word === '*' ? word : allowedHost(word))),
    proxies: new Proxies(environment['TRUST_PROXY']),
  };
}

function allowedHost(word: string): string {
  const host = hostnameOf(word);
  if (host !== null && !word.includes('/')) return host;
  const message = `ALLOWED_HOSTS must be host names separated by commas, such as "tabs.example.org", not "${word}".`;
  throw new TabchainError('allowed-hosts-invalid', message, { host: word });
}

/** Names of this machine in its networks, in lower case. */
export function machineNames(environment: Environment): string[] {
  const name = hostname().toLowerCase();
  const [label = name] = name.split('.');
  const domains = [environment['USERDNSDOMAIN'] ?? '', ...searchDomains()].filter((domain) => domain !== '');
  return [name, ...domains.map((domain) => `${label}.${domain.toLowerCase()}`)];
}

/** DNS search domains of this machine: other machines of its network find it under a name in one of them. */
function searchDomains(): string[] {
  try {
    const lines = [...readFileSync('/etc/resolv.conf', 'utf8').matchAll(/^(?:search|domain)[ \t]+(.+)$/gm)];
    return lines.flatMap((line) => line[1]!.trim().split(/\s+/));
  } catch {
    // Some systems have no such file.
    return [];
  }
}

/**
 * Decides which requests the server answers. A stranger's page can point its own name at this machine (DNS rebinding) and then read all
 * answers; and a page of any origin can open a WebSocket. So the server answers only under known names, and accepts sockets only from its
 * own page.
 */
export class Reach {
  readonly #allowed: ReadonlySet<string>;
  readonly #proxies: Proxies;

  constructor(
    { allowedHosts, proxies }: ReachSettings = { allowedHosts: [], proxies: new Proxies() },
    names: readonly string[] = machineNames(process.env),
  ) {
    this.#allowed = new Set([...allowedHosts, ...names]);
    this.#proxies = proxies;
  }

  /** Why the server refuses the host name of a request, as a text for the person who runs the server; null if the name is allowed. */
  hostRefusal(request: IncomingMessage): string | null {
    const host = this.#hostOf(request);
    // Only an HTTP/1.0 request may omit the host, and no browser sends HTTP/1.0.
    if (host === undefined) return null;
    const name = hostnameOf(host);
    if (name === null) return 'The request names no valid host.';
    if (this.#knows(name)) return null;
    return `This server does not answer under the name "${name}", because a stranger may have pointed that name here. If the name is yours, start the server with ALLOWED_HOSTS=${name} npm start`;
  }

  /** Whether the request may open a WebSocket: from a page of the same host or an allowed host, or from a program other than a browser. */
  allowsSocket(request: IncomingMessage): boolean {
    if (this.hostRefusal(request) !== null) return false;
    const { origin } = request.headers;
    if (origin === undefined) return true;
    if (this.#allowed.has('*')) return true;
    const page = parsed(origin);
    if (page === null || !/^https?:$/.test(page.protocol)) return false;
    // Another port belongs to another program. Only allowed and machine names cover every port.
    if (this.#allowed.has(bare(page.hostname))) return true;
    return parsed(`${page.protocol}//${this.#hostOf(request) ?? ''}`)?.host === page.host;
  }

  /** The visitor's address, see {@link Proxies.visitorOf}. */
  addressOf(request: IncomingMessage): string | undefined {
    return this.#proxies.visitorOf(request);
  }

  #knows(name: string): boolean {
    if (this.#allowed.has('*') || this.#allowed.has(name)) return true;
    // DNS cannot redirect an address, and only the local network assigns names without a dot.
    return isIP(name) !== 0 || !name.includes('.') || LOCAL_ENDINGS.test(name);
  }

  #hostOf(request: IncomingMessage): string | undefined {
    const forwarded = this.#proxies.sent(request) ? String(request.headers['x-forwarded-host'] ?? '') : '';
    // A proxy appends to an existing list; the entries before the last come from the visitor.
    return forwarded.split(',').at(-1)!.trim() || request.headers.host;
  }
}

/** The name or address in a Host header as browsers write it, without port and brackets; null if the header is malformed. */
function hostnameOf(host: string): string | null {
  if (/[/?#@\\]/.test(host)) return null;
  const url = parsed(`http://${host}`);
  return url === null ? null : bare(url.hostname);
}

function bare(name: string): string {
  return name.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

function parsed(url: string): URL | null {
  return URL.canParse(url) ? new URL(url) : null;
}
