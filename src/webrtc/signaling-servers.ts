import { TabchainError } from '../util/errors.ts';
import { SIGNALING_PATH } from '../protocol/signaling.ts';

/** Most servers in use, because each needs a socket. */
export const MAX_SIGNALING_SERVERS = 4;

/** The server beside the page, in a link that names other servers too. */
const BESIDE_PAGE = '.';

const MAX_ADDRESS_LENGTH = 1_000;

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * The addresses of the signaling servers that a link names by `signal`; none if it names none. Servers say where tabs meet, but are not part
 * of the network's id.
 * @param fragment of the page's address
 * @param page address of the page
 * @throws TabchainError `signal-invalid`
 */
export function linkedSignalingServers(fragment: string, page: string): string[] {
  const named = new URLSearchParams(fragment.replace(/^#/, '')).getAll('signal').filter((text) => text.trim() !== '');
  const servers = [...new Set(named.map((text) => parseSignalingServer(text, page)))];
  if (servers.length > MAX_SIGNALING_SERVERS) throw tooManySignalingServers(named.at(-1)!);
  return servers;
}

/** The signaling server of the host that has the page, whether or not the host runs one. @param page address of the page */
export function signalingServerBeside(page: string): string {
  // Relative to the page, so any path of the page works.
  const url = new URL(SIGNALING_PATH.slice(1), page);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.hash = url.search = '';
  return url.href;
}

/**
 * The address of a signaling server, as a link or a person writes it; "." is the server beside the page.
 * @throws TabchainError `signal-invalid`
 */
export function parseSignalingServer(text: string, page: string): string {
  if (text.trim() === BESIDE_PAGE) return signalingServerBeside(page);
  let url: URL;
  try {
    if (text.length > MAX_ADDRESS_LENGTH) throw invalid(text, 'address');
    url = new URL(text.trim());
  } catch {
    throw invalid(text, 'address');
  }
  if ((url.protocol !== 'ws:' && url.protocol !== 'wss:') || url.username !== '' || url.password !== '' || url.href.includes('#')) {
    throw invalid(text, 'address');
  }
  // A browser opens no unencrypted socket from an https page, except to its own machine.
  if (new URL(page).protocol === 'https:' && url.protocol === 'ws:' && !LOOPBACK.test(url.hostname)) throw invalid(text, 'insecure');
  return url.href;
}

export function tooManySignalingServers(server: string): TabchainError {
  return invalid(server, 'too-many');
}

function invalid(server: string, what: 'address' | 'insecure' | 'too-many'): TabchainError {
  const reasons = {
    address: `The signaling server "${server.slice(0, 100)}" must be an address like wss://example.org/signal.`,
    insecure: `The page came by https, so the signaling server "${server.slice(0, 100)}" must begin with wss://.`,
    'too-many': `More than ${MAX_SIGNALING_SERVERS} signaling servers are named.`,
  };
  return new TabchainError('signal-invalid', reasons[what], { server: server.slice(0, 100), what });
}
