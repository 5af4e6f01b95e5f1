import { TabchainError } from '../util/errors.ts';
import { SIGNALING_PATH } from '../protocol/signaling.ts';

/** Most servers that a link may name, because each needs a socket. */
export const MAX_SIGNALING_SERVERS = 4;

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * The addresses of the signaling servers: the servers that the link names by `signal`, or the page's own server. Servers say where tabs
 * meet, but are not part of the network's id.
 * @param fragment of the page's address
 * @param page address of the page
 * @throws TabchainError `signal-invalid`
 */
export function signalingServers(fragment: string, page: string): string[] {
  const named = new URLSearchParams(fragment.replace(/^#/, '')).getAll('signal').filter((text) => text.trim() !== '');
  if (named.length === 0) return [besidePage(page)];
  const servers = [...new Set(named.map((text) => serverOf(text.trim(), new URL(page))))];
  if (servers.length > MAX_SIGNALING_SERVERS) throw invalid(named.at(-1)!, 'too-many');
  return servers;
}

function besidePage(page: string): string {
  // Relative to the page, so any path of the page works.
  const url = new URL(SIGNALING_PATH.slice(1), page);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.hash = url.search = '';
  return url.href;
}

function serverOf(text: string, page: URL): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw invalid(text, 'address');
  }
  if ((url.protocol !== 'ws:' && url.protocol !== 'wss:') || url.username !== '' || url.password !== '' || url.hash !== '') {
    throw invalid(text, 'address');
  }
  // A browser opens no unencrypted socket from an https page, except to its own machine.
  if (page.protocol === 'https:' && url.protocol === 'ws:' && !LOOPBACK.test(url.hostname)) throw invalid(text, 'insecure');
  return url.href;
}

function invalid(server: string, what: 'address' | 'insecure' | 'too-many'): TabchainError {
  const reasons = {
    address: `The signaling server "${server.slice(0, 100)}" in the link must be an address like wss://example.org/signal.`,
    insecure: `The page came by https, so the signaling server "${server.slice(0, 100)}" in the link must begin with wss://.`,
    'too-many': `The link names more than ${MAX_SIGNALING_SERVERS} signaling servers.`,
  };
  return new TabchainError('signal-invalid', reasons[what], { server: server.slice(0, 100), what });
}
