/**
 * STUN and TURN servers, with which two tabs behind routers can make a direct link. A page uses none unless its link, its server or its
 * person names some. The server that starts a page (`ICE_SERVERS`) uses the same text form as links and the settings page.
 *
 * | text | meaning |
 * |---|---|
 * | `stun:stun.example.org`, `stuns:…:5349` | a STUN URI (RFC 7064) |
 * | `turn:user:password@turn.example.org:3478?transport=tcp`, `turns:…` | a TURN URI (RFC 7065), after the scheme its credentials |
 *
 * User and password are percent-encoded (RFC 3986 §2.1), so they may contain ":" and "@".
 */
import { TabchainError } from '../util/errors.ts';

/** A server as `RTCConfiguration.iceServers` takes it. */
export interface IceServer {
  readonly urls: string;
  readonly username?: string;
  readonly credential?: string;
}

/** Browsers warn from five servers on, because each lengthens the search for a way. */
export const MAX_ICE_SERVERS = 4;

/** RFC 8489 §14.3 limits user names to 508 bytes; real names and passwords are far shorter. */
const MAX_CREDENTIAL_LENGTH = 256;
const MAX_TEXT_LENGTH = 1_000;
const MAX_HOST_LENGTH = 253;
const MAX_PORT = 65_535;

const SERVER = /^(stuns?|turns?):(?:([^@]*)@)?(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::(\d{1,5}))?(?:\?transport=(udp|tcp))?$/i;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;
const PRINTABLE = /^[\x20-\x7e]+$/;

/**
 * Reads a server in the form above.
 * @throws TabchainError `ice-server-invalid`, which never repeats the credentials
 */
export function parseIceServer(text: string): IceServer {
  const [, scheme = '', credentials, host = '', port, transport] = (text.length <= MAX_TEXT_LENGTH && SERVER.exec(text)) || [];
  const isTurn = /^turn/i.test(scheme);
  if (!isHost(host) || (port !== undefined && (Number(port) < 1 || Number(port) > MAX_PORT))) throw invalid(text, 'address');
  if (!isTurn && (credentials !== undefined || transport !== undefined)) throw invalid(text, 'address');
  const query = transport === undefined ? '' : `?transport=${transport.toLowerCase()}`;
  const urls = `${scheme.toLowerCase()}:${host.toLowerCase()}${port === undefined ? '' : `:${Number(port)}`}${query}`;
  if (!isTurn) return { urls };
  const [username, credential, ...more] = (credentials ?? '').split(':').map(decoded);
  if (!isCredential(username) || !isCredential(credential) || more.length > 0) throw invalid(text, 'credentials');
  return { urls, username, credential };
}

/** The text of a server, which {@link parseIceServer} reads again. */
export function iceServerText({ urls, username, credential }: IceServer): string {
  if (username === undefined || credential === undefined) return urls;
  return urls.replace(':', `:${encodeURIComponent(username)}:${encodeURIComponent(credential)}@`);
}

/**
 * Reads a list, and drops repetitions.
 * @throws TabchainError `ice-server-invalid`
 */
export function parseIceServers(texts: readonly string[]): IceServer[] {
  const servers = new Map(texts.map(parseIceServer).map((server) => [server.urls, server]));
  if (servers.size > MAX_ICE_SERVERS) throw tooManyIceServers(texts.at(-1)!);
  return [...servers.values()];
}

/**
 * The servers that a link names by `stun` and `turn`. A value without a scheme has its key as scheme.
 * @param fragment of the page's address
 * @throws TabchainError `ice-server-invalid`
 */
export function linkedIceServers(fragment: string): IceServer[] {
  const values = new URLSearchParams(fragment.replace(/^#/, ''));
  const texts = [...values].filter(([key, text]) => (key === 'stun' || key === 'turn') && text.trim() !== '');
  return parseIceServers(texts.map(([key, text]) => (/^(stun|turn)s?:/i.test(text.trim()) ? text.trim() : `${key}:${text.trim()}`)));
}

/** The error for one server too many. */
export function tooManyIceServers(text: string): TabchainError {
  return invalid(text, 'too-many');
}

function isHost(host: string): boolean {
  if (host.startsWith('[')) return URL.canParse(`http://${host}/`);
  if (/^[\d.]+$/.test(host)) return /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/.test(host);
  return host.length <= MAX_HOST_LENGTH && host.split('.').every((label) => LABEL.test(label));
}

function isCredential(text: string | null | undefined): text is string {
  return typeof text === 'string' && text.length <= MAX_CREDENTIAL_LENGTH && PRINTABLE.test(text);
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function invalid(text: string, what: 'address' | 'credentials' | 'too-many'): TabchainError {
  const server = text.replace(/^([a-z]+:)?.*@/i, '$1…@').slice(0, 100);
  const reasons = {
    address: `The server "${server}" must be an address like stun:stun.example.org or turn:user:password@turn.example.org:3478.`,
    credentials: `The server "${server}" needs a user name and a password, as in turn:user:password@turn.example.org.`,
    'too-many': `More than ${MAX_ICE_SERVERS} STUN and TURN servers are named.`,
  };
  return new TabchainError('ice-server-invalid', reasons[what], { server, what });
}
