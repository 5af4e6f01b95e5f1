import { argumentInvalid, textArgument } from '../api/arguments.ts';
import type { ServerSource } from '../api/servers.ts';
import {
  iceServerText,
  linkedIceServers,
  MAX_ICE_SERVERS,
  parseIceServer,
  parseIceServers,
  tooManyIceServers,
  type IceServer,
} from '../protocol/ice-servers.ts';
import { StoredRecord } from '../util/stored-record.ts';
import {
  linkedSignalingServers,
  MAX_SIGNALING_SERVERS,
  parseSignalingServer,
  signalingServerBeside,
  tooManySignalingServers,
} from '../webrtc/signaling-servers.ts';

interface Signaling {
  readonly address: string;
  readonly source: ServerSource;
}

interface Ice {
  /** Without credentials. */
  readonly address: string;
  readonly source: ServerSource;
  readonly server: IceServer;
}

const ICE_SCHEME = /^\s*(?:stun|turn)s?:/i;

/**
 * The servers of this page: those that its link names, those that its host offers, and those that its person has added for this network on
 * this device. A link's servers always count, because its readers want to meet each other. The host's servers can be removed.
 *
 * The record in localStorage holds the added servers as texts, a TURN server with its password, and the addresses of removed servers.
 */
export class ServerSettings {
  readonly #page: string;
  readonly #record: StoredRecord;
  readonly #linked: { readonly signaling: readonly string[]; readonly ice: readonly IceServer[] };
  #hostIce: readonly IceServer[] = [];

  /**
   * @param fragment of the page's address
   * @param page address of the page
   * @throws TabchainError `signal-invalid`, `ice-server-invalid` if the link names a server by an invalid address
   */
  constructor(networkId: string, fragment: string, page: string) {
    this.#page = page;
    this.#record = new StoredRecord(() => localStorage, `tabchain-servers:${networkId.slice(0, 16)}`);
    this.#linked = { signaling: linkedSignalingServers(fragment, page), ice: linkedIceServers(fragment) };
  }

  /** Takes the STUN and TURN servers that the host of the page offers. @throws TabchainError `ice-server-invalid` */
  setHostIceServers(texts: readonly string[]): void {
    this.#hostIce = parseIceServers(texts);
  }

  /** Signaling servers in use, at most {@link MAX_SIGNALING_SERVERS}. */
  signaling(): Signaling[] {
    const { signaling } = this.#linked;
    const beside = signalingServerBeside(this.#page);
    const first: Signaling[] =
      signaling.length > 0
        ? signaling.map((address) => ({ address, source: 'link' as const }))
        : this.#removed.includes(beside)
          ? []
          : [{ address: beside, source: 'page' }];
    const added = this.#added((text) => (ICE_SCHEME.test(text) ? null : parseSignalingServer(text, this.#page)));
    return distinct([...first, ...added.map((address) => ({ address, source: 'device' as const }))]).slice(0, MAX_SIGNALING_SERVERS);
  }

  /** STUN and TURN servers in use, at most {@link MAX_ICE_SERVERS}. */
  ice(): Ice[] {
    const of = (servers: readonly IceServer[], source: ServerSource): Ice[] =>
      servers.map((server) => ({ address: server.urls, source, server }));
    const added = this.#added((text) => (ICE_SCHEME.test(text) ? parseIceServer(text) : null));
    const host = of(this.#hostIce, 'page').filter(({ address }) => !this.#removed.includes(address));
    return distinct([...of(this.#linked.ice, 'link'), ...of(added, 'device'), ...host]).slice(0, MAX_ICE_SERVERS);
  }

  /**
   * Adds a server on this device, or brings back a server of the host.
   * @throws TabchainError `signal-invalid`, `ice-server-invalid`, `argument-invalid`
   */
  add(text: unknown): void {
    const given = textArgument(text, 'address').trim();
    const isIce = ICE_SCHEME.test(given);
    const server = isIce ? parseIceServer(given) : null;
    const address = server?.urls ?? parseSignalingServer(given, this.#page);
    const used = isIce ? this.ice() : this.signaling();
    if (used.some((each) => each.address === address && each.source !== 'device')) return;
    if (!used.some((each) => each.address === address)) {
      if (isIce && used.length >= MAX_ICE_SERVERS) throw tooManyIceServers(given);
      if (!isIce && used.length >= MAX_SIGNALING_SERVERS) throw tooManySignalingServers(given);
    }
    const removed = this.#removed.filter((each) => each !== address);
    // A repeated address may come with another password.
    const added = this.#texts.filter((each) => this.#addressOf(each) !== address);
    if (removed.length === this.#removed.length) added.push(server ? iceServerText(server) : address);
    this.#record.change({ added, removed });
  }

  /** Removes an added server, or stops using a server of the host. @throws TabchainError `argument-invalid` for any other address */
  remove(address: unknown): void {
    const server = [...this.signaling(), ...this.ice()].find((each) => each.address === address);
    if (!server || server.source === 'link') throw argumentInvalid('address', 'the address of a server that is not in the link');
    const added = this.#texts.filter((each) => this.#addressOf(each) !== server.address);
    const removed = server.source === 'page' ? [...this.#removed, server.address] : this.#removed;
    this.#record.change({ added, removed });
  }

  get #texts(): string[] {
    return textsIn(this.#record.read()['added']);
  }

  get #removed(): string[] {
    return textsIn(this.#record.read()['removed']);
  }

  /** What `read` makes of each added text. A text that it refuses came from another page of this origin, and counts for nothing. */
  #added<T>(read: (text: string) => T | null): T[] {
    return this.#texts.flatMap((text) => {
      try {
        return read(text) ?? [];
      } catch {
        return [];
      }
    });
  }

  #addressOf(text: string): string | null {
    try {
      return ICE_SCHEME.test(text) ? parseIceServer(text).urls : parseSignalingServer(text, this.#page);
    } catch {
      return null;
    }
  }
}

function textsIn(value: unknown): string[] {
  const texts = Array.isArray(value) ? value.filter((text) => typeof text === 'string') : [];
  return texts.slice(0, MAX_SIGNALING_SERVERS + MAX_ICE_SERVERS);
}

function distinct<T extends { readonly address: string }>(servers: readonly T[]): T[] {
  return servers.filter(({ address }, i) => servers.findIndex((each) => each.address === address) === i);
}
