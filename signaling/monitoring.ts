import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import { logFault } from './log.ts';
import { refuse, type RequestHandler } from './page-files.ts';
import type { SignalingServer } from './signaling-server.ts';

/** A proxy may put any prefix before these paths. */
const HEALTH = /\/healthz$/;
const METRICS = /\/metrics$/;

/** A proxy adds at least one of these headers, so a request with any of them may come from another machine. */
const HEADERS_OF_PROXIES = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'];

const LOOPBACK = /^(127\.|::1$|::ffff:127\.)/i;

export interface Monitored {
  readonly signaling: SignalingServer;
  /** Version of the program. */
  readonly version: string;
  /** What a request for the metrics must present; null: only requests of this machine may read them. */
  readonly metricsToken: string | null;
}

/** Answers `/healthz` for everybody and `/metrics` for those who may read them; passes other requests on to `serve`. */
export function monitored(serve: RequestHandler, { signaling, version, metricsToken }: Monitored): RequestHandler {
  let registry: Promise<Registry> | null = null;
  return (request, response) => {
    const path = (request.url ?? '').split('?', 1)[0]!;
    const wantsHealth = HEALTH.test(path);
    if (!wantsHealth && !METRICS.test(path)) return serve(request, response);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      return refuse(response, 405, 'Method not allowed');
    }
    const { roomCount: rooms, connectionCount: sockets, cluster } = signaling;
    const redis = cluster === null ? {} : { redis: cluster.live ? 'up' : 'down' };
    if (wantsHealth) return send(response, 'application/json', JSON.stringify({ version, rooms, sockets, ...redis }));
    if (!mayReadMetrics(request, metricsToken)) return refuseMetrics(response, metricsToken !== null);
    registry ??= loadMetrics(signaling);
    registry
      .then(async (metrics) => send(response, metrics.contentType, await metrics.metrics()))
      .catch((error: unknown) => {
        logFault(error);
        refuse(response, 500, 'The server failed to answer this request.');
      });
  };
}

/** Loaded with the first request, because most servers have nobody who asks. */
async function loadMetrics(signaling: SignalingServer): Promise<Registry> {
  const { createMetrics } = await import('./metrics.ts');
  return createMetrics(signaling);
}

function mayReadMetrics({ headers, socket }: IncomingMessage, token: string | null): boolean {
  if (token !== null) return isSame(headers.authorization ?? '', `Bearer ${token}`);
  return LOOPBACK.test(socket.remoteAddress ?? '') && HEADERS_OF_PROXIES.every((name) => headers[name] === undefined);
}

/** Compares digests, so that the time taken reveals nothing about the token. */
function isSame(a: string, b: string): boolean {
  const [digestA, digestB] = [a, b].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(digestA!, digestB!);
}

function refuseMetrics(response: ServerResponse, hasToken: boolean): void {
  if (!hasToken) return refuse(response, 403, 'Only this machine may read the metrics. METRICS_TOKEN can allow others.');
  response.setHeader('WWW-Authenticate', 'Bearer');
  refuse(response, 401, 'The metrics need the token of METRICS_TOKEN.');
}

function send(response: ServerResponse, type: string, text: string): void {
  const body = Buffer.from(text);
  response.writeHead(200, { 'Content-Type': type, 'Content-Length': body.length, 'Cache-Control': 'no-store' });
  response.end(body);
}
