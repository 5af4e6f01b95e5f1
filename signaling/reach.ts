import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { hostname } from 'node:os';
import { TabchainError } from '../src/util/errors.ts';

/** Under which names the server answers, and whose word it takes on who is asking. */
export interface ReachSettings {
  /** Host names in the form that browsers send; "*" allows all. */
  readonly allowedHosts: readonly string[];
  /** Addresses of reverse proxies, or null without one. */
  readonly trustedProxies: BlockList | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Names that the Internet's name servers never resolve, so no stranger can point one of them at this machine (RFC 6761, RFC 6762 with its
 * appendix G, RFC 8375).
 */
const LOCAL_ENDINGS = /\.(localhost|local|lan|home|internal|intranet|private|corp|localdomain|home\.arpa)$/;

/**
 * `ALLOWED_HOSTS` and `TRUST_PROXY` of the environment.
 * @throws TabchainError `allowed-hosts-invalid`, `trust-proxy-invalid`
 */
export function readReachSettings(environment: Environment): ReachSettings {
  const words = (name: string): string[] => (environment[name] ?? '').split(/[\s,]+/).filter((word) => word !== '');
  const proxies = words('TRUST_PROXY').filter((word) => word !== '0');
  return {
    allowedHosts: words('ALLOWED_HOSTS').map((word) => (word === '*' ? word : allowedHost(word))),
    trustedProxies: proxies.length === 0 ? null : blockListOf(proxies.flatMap((word) => (word === '1' ? ['127.0.0.0/8', '::1'] : [word]))),
  };
}

function allowedHost(word: string): string {
  const host = hostnameOf(word);
  if (host !== null && !word.includes('/')) return host;
  const message = `ALLOWED_HOSTS must be host names with commas between them, such as "tabs.example.org", not "${word}".`;
  throw new TabchainError('allowed-hosts-invalid', message, { host: word });
}

function blockListOf(words: readonly string[]): BlockList {
  const list = new BlockList();
  for (const word of words) {
    const [address = '', bits, ...rest] = word.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    const longest = family === 'ipv6' ? 128 : 32;
    const prefix = bits === undefined ? longest : Number(bits);
    if (isIP(address) === 0 || rest.length > 0 || !/^\d*$/.test(bits ?? '') || prefix > longest) {
      const message = `TRUST_PROXY must be the proxy's address, such as "127.0.0.1" or "10.0.0.0/8", not "${word}".`;
      throw new TabchainError('trust-proxy-invalid', message, { value: word });
    }
    list.addSubnet(address, prefix, family);
  }
  return list;
}

/** Names of this machine in its networks. */
export function machineNames(environment: Environment): string[] {
  const name = hostname().toLowerCase();
  const [label = name] = name.split('.');
  const domains = [environment['USERDNSDOMAIN'] ?? '', ...searchDomains()].filter((domain) => domain !== '');
  return [name, ...domains.map((domain) => `${label}.${domain.toLowerCase()}`)];
}

/** Domains in which this machine looks names up, so others of its network find it there. */
function searchDomains(): string[] {
  try {
    const lines = [...readFileSync('/etc/resolv.conf', 'utf8').matchAll(/^(?:search|domain)[ \t]+(.+)$/gm)];
    return lines.flatMap((line) => line[1]!.trim().split(/\s+/));
  } catch {
    // Systems without that file.
    return [];
  }
}

/**
 * Decides who may ask. A page of a stranger can point its own name at this machine (DNS rebinding) and then read whatever is served; and a
 * page of any origin can open a WebSocket. So the server answers under known names only, and takes sockets only from its own page.
 */
export class Reach {
  readonly #allowed: ReadonlySet<string>;
  readonly #proxies: BlockList | null;

  constructor(
    { allowedHosts, trustedProxies }: ReachSettings = { allowedHosts: [], trustedProxies: null },
    names: readonly string[] = machineNames(process.env),
  ) {
    this.#allowed = new Set([...allowedHosts, ...names]);
    this.#proxies = trustedProxies;
  }

  /** Why a request is refused for the name that it asks under, in words for the person who runs the server; null where it is allowed. */
  hostRefusal(request: IncomingMessage): string | null {
    const host = this.#hostOf(request);
    // Only HTTP/1.0 lets a request name no host, and no browser speaks that.
    if (host === undefined) return null;
    const name = hostnameOf(host);
    if (name === null) return 'The request names no valid host.';
    if (this.#knows(name)) return null;
    return `This server does not answer under the name "${name}", because a stranger may have pointed that name here. If the name is yours, start it with ALLOWED_HOSTS=${name} npm start`;
  }

  /** Whether a WebSocket may be opened: by a page of the same host, of an allowed one, or by a program that is no browser. */
  allowsSocket(request: IncomingMessage): boolean {
    if (this.hostRefusal(request) !== null) return false;
    const { origin } = request.headers;
    if (origin === undefined) return true;
    if (this.#allowed.has('*')) return true;
    const page = parsed(origin);
    if (page === null || !/^https?:$/.test(page.protocol)) return false;
    // A port of its own belongs to another program: only names that were given by hand stand for every port.
    if (this.#allowed.has(bare(page.hostname))) return true;
    return parsed(`${page.protocol}//${this.#hostOf(request) ?? ''}`)?.host === page.host;
  }

  /** The address of who asks: the last that a trusted proxy did not add itself. */
  addressOf(request: IncomingMessage): string | undefined {
    const direct = request.socket.remoteAddress;
    if (!this.#isProxy(direct)) return direct;
    const forwarded = String(request.headers['x-forwarded-for'] ?? '').split(',');
    const addresses = forwarded.map((each) => each.trim().replace(/^\[|\]$/g, '')).filter((each) => isIP(each) !== 0);
    return addresses.findLast((each) => !this.#isProxy(each)) ?? direct;
  }

  #knows(name: string): boolean {
    if (this.#allowed.has('*') || this.#allowed.has(name)) return true;
    // An address cannot be pointed elsewhere, and names without a dot are given by the local network.
    return isIP(name) !== 0 || !name.includes('.') || LOCAL_ENDINGS.test(name);
  }

  #hostOf(request: IncomingMessage): string | undefined {
    const forwarded = this.#isProxy(request.socket.remoteAddress) ? String(request.headers['x-forwarded-host'] ?? '') : '';
    // A proxy that finds a list appends to it; what stands before is the visitor's.
    return forwarded.split(',').at(-1)!.trim() || request.headers.host;
  }

  #isProxy(address: string | undefined): boolean {
    if (this.#proxies === null || address === undefined) return false;
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
    return isIP(plain) !== 0 && this.#proxies.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
  }
}

/** The name or address in a Host header as browsers write it, without port and brackets; null where it is none. */
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
