import type { IncomingMessage, ServerResponse } from 'node:http';
import Negotiator from 'negotiator';
import { loadPage, type Encoding, type StoredFile } from './page-store.ts';
import { securityHeaders } from './security-headers.ts';

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

/** What only the server knows, and the page asks for: `links.json`. */
export interface PageLinksFile {
  /** The page's links for other devices, the best first. A QR code of "localhost" would lead a phone to itself. */
  readonly lan: readonly string[];
  /** STUN and TURN servers for direct links, in the text form of src/protocol/ice-servers.ts. */
  readonly iceServers: readonly string[];
}

const LINKS_FILE = 'links.json';
const PAGE_FILE = 'index.html';

/** Files with a hash of their content in the name, so they never change. */
const HASHED = /^assets\//;

/** One TLS record. A socket that does not read keeps a few records, however large the file. */
const PIECE_BYTES = 16 * 1024;

/** More path segments than any proxy adds. */
const MAX_SEGMENTS = 16;

/**
 * Serves the built page from memory, as `folder` holds it now; later changes of the files have no effect. A proxy may put the page under any
 * prefix, and keep or strip that prefix: the end of a path names the file, and a path that ends with a slash is the page.
 * @param links called at each request
 */
export function pageFiles(folder: string, links: () => PageLinksFile | Promise<PageLinksFile>): RequestHandler {
  const files = loadPage(folder);
  return (request, response) => {
    for (const [name, value] of Object.entries(securityHeaders(request))) response.setHeader(name, value);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      return refuse(response, 405, 'Method not allowed');
    }
    const segments = segmentsOf(request.url ?? '');
    if (segments === null) return refuse(response, 404, 'Not found');
    if (segments.at(-1) === LINKS_FILE) return void sendLinks(response, links);
    const [path, file] = find(files, segments);
    if (file !== undefined) return sendFile(request, response, path, file);
    const location = pageLocation(request, segments);
    if (location === null) return refuse(response, 404, 'Not found');
    response.writeHead(302, { Location: location, 'Cache-Control': 'no-store', 'Content-Length': 0 }).end();
  };
}

/** The decoded parts of a request's path. The last part is empty if the path ends with a slash. Null if the path is malformed. */
function segmentsOf(url: string): string[] | null {
  const path = url.replace(/^[a-z]+:\/\/[^/?#]*/i, '').split(/[?#]/, 1)[0]!;
  const segments = path.split('/');
  try {
    const decoded = segments.map(decodeURIComponent);
    // Some proxies strip a prefix and leave its slash, so empty parts in the middle are dropped.
    return [...decoded.slice(0, -1).filter((segment) => segment !== ''), decoded.at(-1)!].slice(-MAX_SEGMENTS);
  } catch {
    return null;
  }
}

/** The file that the longest end of the path names, with its path. */
function find(files: ReadonlyMap<string, StoredFile>, segments: readonly string[]): [path: string, file: StoredFile | undefined] {
  if (segments.at(-1) === '') {
    // No folder lies below a file.
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
 * Where to redirect a page request without the last slash, because the page's relative links would lead one level too high; or a link whose
 * "#" was written as %23. The location is relative, because only the browser knows the prefix. Null if the request is not for a page.
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
  // Ranges are not supported, because the files are small. HTTP allows the whole file as the answer to a range.
  response.writeHead(200, { 'Content-Type': type, 'Content-Length': body.length });
  if (request.method === 'HEAD') response.end();
  else sendPieces(response, body);
}

/** Writes each piece after the previous piece has left, because TLS keeps written bytes in memory in encrypted form. */
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

/** Whether a list of entity tags includes `tag`; null without a list. */
function names(list: string | undefined, tag: string): boolean | null {
  if (list === undefined) return null;
  return list.trim() === '*' || list.split(',').some((each) => each.trim().replace(/^W\//, '') === tag);
}

async function sendLinks(response: ServerResponse, links: () => PageLinksFile | Promise<PageLinksFile>): Promise<void> {
  const body = Buffer.from(JSON.stringify(await links()));
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length, 'Cache-Control': 'no-store' });
  // Node omits the body for HEAD.
  response.end(body);
}

/** Answers with plain text. */
export function refuse(response: ServerResponse, status: number, text: string): void {
  const body = Buffer.from(`${text}\n`);
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': body.length, 'Cache-Control': 'no-store' });
  response.end(body);
}
