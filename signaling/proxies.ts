import type { IncomingMessage } from 'node:http';
import { BlockList, SocketAddress, isIP } from 'node:net';
import { TabchainError } from '../src/util/errors.ts';

/** No visitor passes more proxies than this. */
const MAX_HOPS = 8;

const LOOPBACK = ['127.0.0.0/8', '::1'];

/** Where a proxy of the same machine, cluster or data centre stands: no stranger on the Internet has such an address. */
const NEARBY = subnets([...LOOPBACK, '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7', 'fe80::/10']);

/** The reverse proxies whose headers count. */
export class Proxies {
  readonly #hops: number;
  readonly #known: BlockList;

  /**
   * @param setting the text of `TRUST_PROXY`: a number of proxies, of which the nearest has a private address; or a list of their addresses
   * and networks, in which `loopback` means this machine
   * @throws TabchainError `trust-proxy-invalid`
   */
  constructor(setting = '') {
    const words = setting.split(/[\s,]+/).filter((word) => word !== '');
    const isNumber = words.length === 1 && /^\d$/.test(words[0]!);
    this.#hops = isNumber ? Number(words[0]) : 0;
    if (this.#hops > MAX_HOPS) throw invalid(words[0]!);
    this.#known = subnets(isNumber ? [] : words.flatMap((word) => (word === 'loopback' ? LOOPBACK : [word])));
  }

  /** Whether the socket of a request comes from a trusted proxy, so that its headers count. */
  sent({ socket }: IncomingMessage): boolean {
    return this.#trusts(socket.remoteAddress, 0);
  }

  /**
   * The visitor's address. Each proxy appends the address that it sees to `X-Forwarded-For`. So the list is read from its end, and only as
   * far as trusted proxies have written it; the rest may be invented.
   */
  visitorOf({ socket, headers }: IncomingMessage): string | undefined {
    let address = socket.remoteAddress;
    const forwarded = String(headers['x-forwarded-for'] ?? '').split(',');
    for (const [hop, text] of forwarded.reverse().entries()) {
      const next = plainAddress(text);
      if (next === null || !this.#trusts(address, hop)) break;
      address = next;
    }
    return address;
  }

  /** @param hop number of proxies between this one and the server */
  #trusts(address: string | undefined, hop: number): boolean {
    const plain = plainAddress(address ?? '');
    if (plain === null) return false;
    return contains(this.#known, plain) || (hop < this.#hops && (hop > 0 || contains(NEARBY, plain)));
  }
}

function contains(list: BlockList, address: string): boolean {
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** An address in its usual form, without the port that some proxies append; null if the text is none ("unknown"). */
function plainAddress(text: string): string | null {
  const [, inBrackets, withPort] = /^\[([^\]]*)\](?::\d+)?$|^([\d.]+):\d+$/.exec(text.trim()) ?? [];
  const address = (inBrackets ?? withPort ?? text.trim()).replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (isIP(address) === 0) return null;
  return isIP(address) === 6 ? new SocketAddress({ address, family: 'ipv6' }).address : address;
}

function subnets(words: readonly string[]): BlockList {
  const list = new BlockList();
  for (const word of words) {
    const [address = '', bits, ...rest] = word.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    const longest = family === 'ipv6' ? 128 : 32;
    const prefix = bits === undefined ? longest : Number(bits);
    if (isIP(address) === 0 || rest.length > 0 || !/^\d+$/.test(bits ?? '0') || prefix > longest) throw invalid(word);
    list.addSubnet(address, prefix, family);
  }
  return list;
}

function invalid(word: string): TabchainError {
  const message = `TRUST_PROXY must be the number of proxies, or their addresses, such as "127.0.0.1" or "10.0.0.0/8", not "${word}".`;
  return new TabchainError('trust-proxy-invalid', message, { value: word });
}
