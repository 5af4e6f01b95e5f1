import type { IncomingMessage, ServerResponse } from 'node:http';
import Negotiator from 'negotiator';
import { loadPage, type Encoding, type StoredFile } from './page-store.ts';
import { securityHeaders } from './security-headers.ts';

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** A page opened as "localhost" asks here under which links other devices reach it: a QR code of "localhost" leads a phone to itself. */
const LINKS_FILE = 'links.json';
const PAGE_FILE = 'index.html';

/** Files that carry a hash of their content in the name, so they never change. */
const HASHED = /^assets\//;

/** One record of TLS. A socket that does not read keeps a few of them, however large the file. */
const PIECE_BYTES = 16 * 1024;

/** Deeper than any proxy puts a page. */
const MAX_SEGMENTS = 16;

/**
 * Serves the built page in `folder`, as it is now, from memory: what happens to the files later changes nothing. A proxy may put it under
 * any prefix and keep the prefix or strip it: the end of a path says which file is meant, and what ends with a slash is the page.
 * @param lanLinks the page's links for other devices, the best first, asked at each request
 */
export function pageFiles(folder: string, lanLinks: () => string[] | Promise<string[]>): RequestHandler {
  const files = loadPage(folder);
  return (request, response) => {
    for (const [name, value] of Object.entries(securityHeaders(request))) response.setHeader(name, value);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      return refuse(response, 405, 'Method not allowed');
    }
    const segments = segmentsOf(request.url ?? '');
    if (segments === null) return refuse(response, 404, 'Not found');
    if (segments.at(-1) === LINKS_FILE) return void sendLinks(response, lanLinks);
    const [path, file] = find(files, segments);
    if (file !== undefined) return sendFile(request, response, path, file);
    const location = pageLocation(request, segments);
    if (location === null) return refuse(response, 404, 'Not found');
    response.writeHead(302, { Location: location, 'Cache-Control': 'no-store', 'Content-Length': 0 }).end();
  };
}

/** The decoded parts of a request's path; the last is empty where the path ends with a slash. Null where it cannot be read. */
function segmentsOf(url: string): string[] | null {
  const path = url.replace(/^[a-z]+:\/\/[^/?#]*/i, '').split(/[?#]/, 1)[0]!;
  const segments = path.split('/');
  try {
    const decoded = segments.map(decodeURIComponent);
    // Empty parts in the middle: some proxies strip a prefix and leave its slash.
    return [...decoded.slice(0, -1).filter((segment) => segment !== ''), decoded.at(-1)!].slice(-MAX_SEGMENTS);
  } catch {
    return null;
  }
}

/** The file that the longest end of the path names. */
function find(files: ReadonlyMap<string, StoredFile>, segments: readonly string[]): [path: string, file: StoredFile | undefined] {
  if (segments.at(-1) === '') {
    // A folder below a file is none.
    const below = segments.slice(0, -1).some((_, i) => files.has(segments.slice(i, -1).join('/')));
    return [PAGE_FILE, below ? undefined : files.get(PAGE_FILE)];
  }
  for (let from = 0; from < segments.length; from++) {
    const path = segments.slice(from).join('/');
    const file = files.get(path);
    if (file !== undefined) return [path, file];
  }
  return ['', undefined];
}

/**
 * Where somebody is led who opens the page without its last slash, whose relative links would then lead one level off, or by a link whose
 * "#" was written as %23. Relative, because only the browser knows the prefix. Null for what is no page.
 */
function pageLocation(request: IncomingMessage, segments: readonly string[]): string | null {
  const last = segments.at(-1)!;
  if (!/\btext\/html\b/.test(request.headers.accept ?? '')) return null;
  if (last.startsWith('#')) return `./${encodeURI(last)}`;
  if (last.includes('.')) return null;
  const query = /\?[^#]*/.exec(request.url ?? '')?.[0] ?? '';
  return `./${encodeURIComponent(last)}/${query.replace(/[^\x21-\x7e]/g, '')}`;
}

function sendFile(request: IncomingMessage, response: ServerResponse, path: string, { etag, type, bodies }: StoredFile): void {
  const encoding = bestEncoding(request, bodies);
  const body = bodies.get(encoding)!;
  const tag = encoding === 'identity' ? etag : etag.replace(/"$/, `-${encoding}"`);
  response.setHeader('ETag', tag);
  response.setHeader('Cache-Control', HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache');
  if (bodies.size > 1) response.setHeader('Vary', 'Accept-Encoding');
  if (names(request.headers['if-match'], tag) === false) return void response.writeHead(412, { 'Content-Length': 0 }).end();
  if (names(request.headers['if-none-match'], tag) === true) return void response.writeHead(304).end();
  if (encoding !== 'identity') response.setHeader('Content-Encoding', encoding);
  // No ranges: the files are small, and the whole is an answer to every range.
  response.writeHead(200, { 'Content-Type': type, 'Content-Length': body.length });
  if (request.method === 'HEAD') response.end();
  else sendPieces(response, body);
}

/** Hands over the next piece when the one before is on its way, because over TLS what is handed over lies encrypted in memory. */
function sendPieces(response: ServerResponse, body: Buffer, from = 0): void {
  for (let at = from; at < body.length;) {
    const piece = body.subarray(at, (at += PIECE_BYTES));
    if (!response.write(piece)) return void response.once('drain', () => sendPieces(response, body, at));
  }
  response.end();
}

function bestEncoding(request: IncomingMessage, bodies: ReadonlyMap<Encoding, Buffer>): Encoding {
  const offered = [...bodies.keys()];
  const accepted = new Negotiator(request).encodings(offered);
  return offered.find((encoding) => accepted.includes(encoding)) ?? 'identity';
}

/** Whether a list of entity tags names this one; null where there is no list. */
function names(list: string | undefined, tag: string): boolean | null {
  if (list === undefined) return null;
  return list.trim() === '*' || list.split(',').some((each) => each.trim().replace(/^W\//, '') === tag);
}

async function sendLinks(response: ServerResponse, lanLinks: () => string[] | Promise<string[]>): Promise<void> {
  const body = Buffer.from(JSON.stringify({ lan: await lanLinks() }));
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length, 'Cache-Control': 'no-store' });
  // Node leaves the body out where it was only asked for the head.
  response.end(body);
}

/** Answers in plain words. */
export function refuse(response: ServerResponse, status: number, text: string): void {
  const body = Buffer.from(`${text}\n`);
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': body.length, 'Cache-Control': 'no-store' });
  response.end(body);
}
