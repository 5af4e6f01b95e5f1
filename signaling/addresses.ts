import { createSocket } from 'node:dgram';
import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os';

export type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>;

/** An unassigned address (TEST-NET-3, RFC 5737), which only the default route leads to. */
const SOMEWHERE_ELSE = '203.0.113.1';

/** Virtual interfaces: containers, virtual machines, tunnels, and the links between Apple's devices. */
const VIRTUAL_NAME =
  /^(docker|br-|veth|cni|flannel|cali|podman|lxc|lxd|virbr|vboxnet|vmnet|tailscale|utun|tun|tap|wg|zt|ppp|ham|nordlynx|bridge\d|awdl|llw|anpi|ap\d)|virtualbox|vmware|vethernet|wsl|hyper-v|docker|tailscale|zerotier|wireguard|openvpn|hamachi|loopback/i;

/** A MAC prefix reveals the maker where the name does not ("Ethernet 2"): VirtualBox's and VMware's host interfaces, and Docker's. */
const VIRTUAL_MAC = /^(0a:00:27|00:50:56:c0|02:42)/i;

/** The default networks of VirtualBox and libvirt. */
const VIRTUAL_ADDRESS = /^192\.168\.(56|122)\./;

/** Rank of each address block: the lower, the likelier the devices of a room share such addresses. */
const BLOCKS: readonly (readonly [RegExp, number])[] = [
  [/^(192\.168|10)\./, 0],
  [/^169\.254\./, 4],
  [/^172\.(1[6-9]|2\d|3[01])\./, 2],
  [/^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./, 3],
];
/** Rank of an address outside these blocks. */
const OTHER_BLOCK = 1;

/**
 * Every IPv4 address under which other machines of the local network may reach this machine, the likeliest first. Physical interfaces come
 * before virtual ones, then the interface of the default route before others; the address block decides between the rest.
 * @param routed address of the interface of the default route, see {@link defaultRouteAddress}
 */
export function lanAddresses(routed: string | null = null, interfaces: Interfaces = networkInterfaces()): string[] {
  return Object.entries(interfaces)
    .flatMap(([name, cards]) => (cards ?? []).map((card) => ({ name, ...card })))
    .filter(({ family, internal }) => family === 'IPv4' && !internal)
    .map((card) => ({ address: card.address, rank: [isVirtual(card) ? 1 : 0, card.address === routed ? 0 : 1, blockOf(card.address)] }))
    .sort((a, b) => compare(a.rank, b.rank))
    .map(({ address }) => address);
}

function isVirtual({ name, mac, address }: { name: string; mac: string; address: string }): boolean {
  return VIRTUAL_NAME.test(name) || VIRTUAL_MAC.test(mac) || VIRTUAL_ADDRESS.test(address);
}

function blockOf(address: string): number {
  return BLOCKS.find(([pattern]) => pattern.test(address))?.[1] ?? OTHER_BLOCK;
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, i) => value !== b[i]);
  return at < 0 ? 0 : a[at]! - b[at]!;
}

/** The address of the interface of the default route; null without one. Connecting a datagram socket finds it and sends nothing. */
export function defaultRouteAddress(): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const done = (address: string | null): void => {
      socket.close();
      resolve(address);
    };
    socket.once('error', () => done(null));
    socket.connect(9, SOMEWHERE_ELSE, () => {
      const { address } = socket.address();
      done(address === '0.0.0.0' ? null : address);
    });
  });
}

export interface PageLinks {
  /** For this machine; null when the server listens only on another interface. */
  local: string | null;
  /** For the other machines, the likeliest first. */
  lan: string[];
}

/** The links that open a page served on `host` and `port`. */
export function pageLinks(scheme: 'http' | 'https', host: string, port: number, routed: string | null = null): PageLinks {
  const link = (name: string): string => `${scheme}://${name.includes(':') ? `[${name}]` : name}:${port}/`;
  if (host === '0.0.0.0' || host === '::') return { local: link('localhost'), lan: lanAddresses(routed).map(link) };
  if (host === 'localhost' || host === '::1' || host.startsWith('127.'))
    return { local: link(host === '::1' ? host : 'localhost'), lan: [] };
  return { local: null, lan: [link(host)] };
}
