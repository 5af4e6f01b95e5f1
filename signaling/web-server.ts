import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Certificate } from './certificate.ts';
import { Crowd, addressGroup } from './crowd.ts';
import { logFault } from './log.ts';
import { refuse, type RequestHandler } from './page-files.ts';
import type { Reach } from './reach.ts';

/** What one client may take of the server's time and sockets. */
export interface WebLimits {
  readonly maxSockets: number;
  readonly headersTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly idleMs: number;
  readonly checkIntervalMs: number;
}

export const DEFAULT_WEB_LIMITS: WebLimits = {
  /** The signaling server's 4,000 and some who load the page; beyond them the newest of the largest address is closed. */
  maxSockets: 5_000,

  /** A request is a few hundred bytes in one packet; one that trickles in is an attack. */
  headersTimeoutMs: 8_000,

  /** A page asks for all its files within a second or two. */
  keepAliveMs: 5_000,

  /** A reader that takes nothing at all for this long is gone. */
  idleMs: 20_000,

  /** How often these times are looked at. */
  checkIntervalMs: 1_000,
};

/** Some browsers send kilobytes of cookies that other programs on "localhost" have set; more than this is an attack. */
const MAX_HEADER_BYTES = 16 * 1024;

/** RFC 9110 §15.5.20: the request was sent to a server that does not answer for its host. */
const MISDIRECTED = 421;

/** A server of HTTP (with `certificate` of HTTPS) that no client can end, fill or hold up. */
export function createWebServer(
  serve: RequestHandler,
  reach: Reach,
  certificate: Certificate | null,
  limits: WebLimits = DEFAULT_WEB_LIMITS,
): Server {
  const options: ServerOptions = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: limits.headersTimeoutMs,
    // Nobody has to send a body here.
    requestTimeout: limits.headersTimeoutMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: limits.checkIntervalMs,
  };
  const handler = guarded(serve, reach);
  const server =
    certificate === null
      ? createHttpServer(options, handler)
      : createHttpsServer({ ...options, ...certificate, handshakeTimeout: limits.headersTimeoutMs }, handler);
  server.timeout = limits.idleMs;
  limitSockets(server, limits.maxSockets);
  return server;
}

/** A fault in one answer costs that answer. */
export function guarded(serve: RequestHandler, reach: Reach): RequestHandler {
  return (request: IncomingMessage, response: ServerResponse): void => {
    response.on('error', ignore);
    request.on('error', ignore);
    try {
      const refusal = reach.hostRefusal(request);
      if (refusal === null) serve(request, response);
      else refuse(response, MISDIRECTED, refusal);
    } catch (error) {
      logFault(error);
      if (response.headersSent) response.destroy();
      else refuse(response, 500, 'The server has failed at this request.');
    }
  };
}

function ignore(): void {
  // A socket that breaks is closed by Node; there is nobody left to answer.
}

function limitSockets(server: Server, maxSockets: number): void {
  const crowd = new Crowd<Visitor>();
  server.on('connection', (socket: Socket) => {
    // Node takes its own listener off a socket that is upgraded.
    socket.on('error', ignore);
    const visitor: Visitor = { socket, address: addressGroup(socket.remoteAddress) };
    crowd.add(visitor.address, visitor);
    socket.on('close', () => crowd.delete(visitor.address, visitor));
    if (crowd.size > maxSockets) crowd.newestOfLargest(visitor.address)!.socket.destroy();
  });
}

interface Visitor {
  readonly socket: Socket;
  /** A closed socket does not know it any more. */
  readonly address: string;
}
