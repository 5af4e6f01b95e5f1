import type { IncomingMessage } from 'node:http';
import { LAST_SLASH_SOURCE } from './last-slash.ts';

/**
 * Only the page's own code runs: plain http on a LAN can be tampered with, but a memo or a peer's text shall never become a script.
 * Connections are open to any host, because a network link may name another signaling server; workers and WebAssembly are the node itself.
 */
export const CONTENT_SECURITY_POLICY: readonly string[] = [
  "default-src 'self'",
  // The page makes the manifest of its network itself.
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

/** A page cannot set these for itself: browsers ignore them in a `<meta>` and complain. */
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
 * The headers of an answer. No page that has opened this one, or was opened by it, shall hold on to its window; browsers heed that over https
 * and on this machine alone, and complain elsewhere.
 */
export function securityHeaders({ socket, headers }: IncomingMessage): Readonly<Record<string, string>> {
  const https = 'encrypted' in socket || headers['x-forwarded-proto'] === 'https';
  const trustworthy = https || /^(localhost|127\.[\d.]+|\[::1\])(:\d+)?$/i.test(headers.host ?? '');
  return trustworthy ? { ...SECURITY_HEADERS, 'Cross-Origin-Opener-Policy': 'same-origin' } : SECURITY_HEADERS;
}
