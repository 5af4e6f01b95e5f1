import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { Certificate } from './certificate.ts';
import { Crowd, addressGroup } from './crowd.ts';
import { logFault } from './log.ts';
import { refuse, type RequestHandler } from './page-files.ts';
import type { Reach } from './reach.ts';

/** Limits on the sockets and the time of clients. */
export interface WebLimits {
  readonly maxSockets: number;
  readonly headersTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly idleMs: number;
  readonly checkIntervalMs: number;
}

export const DEFAULT_WEB_LIMITS: WebLimits = {
  /** The signaling server's 6,000, and more for loading the page. Beyond this, the newest socket of the address with the most is closed. */
  maxSockets: 7_000,

  /** A request is a few hundred bytes in one packet; a request that arrives in a trickle is an attack. */
  headersTimeoutMs: 8_000,

  /** A page requests all its files within a second or two. */
  keepAliveMs: 5_000,

  /** A client that reads nothing for this long is gone. */
  idleMs: 20_000,

  /** Interval between checks of these times. */
  checkIntervalMs: 1_000,
};

/** Some browsers send kilobytes of cookies that other programs on "localhost" have set; more bytes than this are an attack. */
const MAX_HEADER_BYTES = 16 * 1024;

/** RFC 9110 §15.5.20: this server does not answer for the request's host. */
const MISDIRECTED = 421;

/** An HTTP server (HTTPS with a `certificate`) that no client can crash, fill or block. */
export function createWebServer(
  serve: RequestHandler,
  reach: Reach,
  certificate: Certificate | null,
  limits: WebLimits = DEFAULT_WEB_LIMITS,
): Server {
  const options: ServerOptions = {
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: limits.headersTimeoutMs,
    // No request needs a body.
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

/** Wraps `serve`: checks the host, and lets a fault fail only the request that caused it. */
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
      else refuse(response, 500, 'The server failed to answer this request.');
    }
  };
}

function ignore(): void {
  // Node closes a broken socket; there is nobody left to answer.
}

function limitSockets(server: Server, maxSockets: number): void {
  const crowd = new Crowd<Visitor>();
  server.on('connection', (socket: Socket) => {
    // Node removes its own listener from an upgraded socket.
    socket.on('error', ignore);
    const visitor: Visitor = { socket, address: addressGroup(socket.remoteAddress) };
    crowd.add(visitor.address, visitor);
    socket.on('close', () => crowd.delete(visitor.address, visitor));
    if (crowd.size > maxSockets) crowd.newestOfLargest(visitor.address)!.socket.destroy();
  });
}

interface Visitor {
  readonly socket: Socket;
  /** Kept here, because a closed socket no longer knows its address. */
  readonly address: string;
}
