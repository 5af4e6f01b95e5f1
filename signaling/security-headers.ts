import type { IncomingMessage } from 'node:http';
import { LAST_SLASH_SOURCE } from './last-slash.ts';

/**
 * Only the page's own code runs. Someone on the LAN can tamper with plain http, but a memo or a peer's text must never become a script.
 * Connections to any host are allowed, because a network link may name another signaling server. Workers and WebAssembly run the node.
 */
export const CONTENT_SECURITY_POLICY: readonly string[] = [
  "default-src 'self'",
  // The page generates the manifest of its network.
  "manifest-src 'self' data:",
  `script-src 'self' 'wasm-unsafe-eval' ${LAST_SLASH_SOURCE}`,
  "worker-src 'self'",
  // Svelte's transitions and computed styles are inline.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "media-src 'self'",
  "connect-src 'self' ws: wss:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
];

/** Directives that work only in a header: in a `<meta>`, browsers ignore them with a warning. */
export const HEADER_ONLY_DIRECTIVES: readonly string[] = ['frame-ancestors'];

/** Sent with every answer. */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY.join('; '),
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Permissions-Policy': 'camera=(self), geolocation=(), microphone=()',
};

/**
 * The headers of an answer. Cross-Origin-Opener-Policy keeps other pages from holding a reference to this page's window. Browsers obey that
 * header only over https and on localhost, and print a warning elsewhere, so other answers leave it out.
 */
export function securityHeaders({ socket, headers }: IncomingMessage): Readonly<Record<string, string>> {
  const https = 'encrypted' in socket || headers['x-forwarded-proto'] === 'https';
  const trustworthy = https || /^(localhost|127\.[\d.]+|\[::1\])(:\d+)?$/i.test(headers.host ?? '');
  return trustworthy ? { ...SECURITY_HEADERS, 'Cross-Origin-Opener-Policy': 'same-origin' } : SECURITY_HEADERS;
}
