import { createSocket } from 'node:dgram';
import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os';

export type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>;

/** TEST-NET-3 of RFC 5737: nobody's address, reached by the default route. */
const SOMEWHERE_ELSE = '203.0.113.1';

/** Cards that programs have made for themselves: containers, virtual machines, tunnels, and what Apple's devices use among each other. */
const VIRTUAL_NAME =
  /^(docker|br-|veth|cni|flannel|cali|podman|lxc|lxd|virbr|vboxnet|vmnet|tailscale|utun|tun|tap|wg|zt|ppp|ham|nordlynx|bridge\d|awdl|llw|anpi|ap\d)|virtualbox|vmware|vethernet|wsl|hyper-v|docker|tailscale|zerotier|wireguard|openvpn|hamachi|loopback/i;

/** Where the name says nothing ("Ethernet 2"), the maker does: VirtualBox's and VMware's cards on the host, Docker's. */
const VIRTUAL_MAC = /^(0a:00:27|00:50:56:c0|02:42)/i;

/** What VirtualBox and libvirt give to their own networks unless told otherwise. */
const VIRTUAL_ADDRESS = /^192\.168\.(56|122)\./;

/** Address blocks by how likely it is that the devices of a room share one, and what stands for none. */
const BLOCKS: readonly (readonly [RegExp, number])[] = [
  [/^(192\.168|10)\./, 0],
  [/^169\.254\./, 4],
  [/^172\.(1[6-9]|2\d|3[01])\./, 2],
  [/^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./, 3],
];
const OTHER_BLOCK = 1;

/**
 * Every IPv4 address under which other machines of the local network may reach this one, the likeliest first: cards that are real before
 * those that programs have made, the card of the default route before the others, then by the block of the address.
 * @param routed address of the card of the default route, see {@link defaultRouteAddress}
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

/** The address of the card over which this machine reaches others, or null without one. A datagram socket is connected, which sends nothing. */
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
  /** For this machine; null when the server listens on another interface only. */
  local: string | null;
  /** For the other machines, the likeliest first. */
  lan: string[];
}

/** The links under which a server on `host` and `port` is reached. */
export function pageLinks(scheme: 'http' | 'https', host: string, port: number, routed: string | null = null): PageLinks {
  const link = (name: string): string => `${scheme}://${name.includes(':') ? `[${name}]` : name}:${port}/`;
  if (host === '0.0.0.0' || host === '::') return { local: link('localhost'), lan: lanAddresses(routed).map(link) };
  if (host === 'localhost' || host === '::1' || host.startsWith('127.'))
    return { local: link(host === '::1' ? host : 'localhost'), lan: [] };
  return { local: null, lan: [link(host)] };
}
