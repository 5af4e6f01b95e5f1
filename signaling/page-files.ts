import type { IncomingMessage, ServerResponse } from 'node:http';
import sirv from 'sirv';

/**
 * Only the page's own code runs: plain http on a LAN can be tampered with, but a memo or a peer's text shall never become a script.
 * Connections are open to any host, because a network link may name another signaling server; workers and WebAssembly are the node itself.
 */
export const CONTENT_SECURITY_POLICY: readonly string[] = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  // Svelte's transitions and computed styles are inline.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self' data:",
  "media-src 'self' blob:",
  "connect-src 'self' ws: wss: blob: data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
];

/** A page cannot set these for itself: browsers ignore them in a `<meta>` and complain. */
export const HEADER_ONLY_DIRECTIVES: readonly string[] = ['frame-ancestors'];

const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY.join('; '),
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Permissions-Policy': 'camera=(self), geolocation=(), microphone=()',
};

/** A page opened as "localhost" asks here under which links other devices reach it: a QR code of "localhost" leads a phone to itself. */
const LINKS_PATH = '/links.json';

/**
 * Serves the built page in `folder`. Files under assets/ carry a hash of their content in the name, so they never change.
 * @param lanLinks the page's links for other devices, asked at each request
 */
export function pageFiles(folder: string, lanLinks: () => string[]): (request: IncomingMessage, response: ServerResponse) => void {
  const files = sirv(folder, {
    etag: true,
    setHeaders: (response, path) =>
      response.setHeader('Cache-Control', path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache'),
  });
  return (request, response) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405, 'Method not allowed');
    if (request.url === LINKS_PATH) return sendJson(response, { lan: lanLinks() });
    files(request, response, () => refuse(response, 404, 'Not found'));
  };
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }).end(JSON.stringify(value));
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' }).end(`${text}\n`);
}
