import { iceServerText, parseIceServers } from '../src/protocol/ice-servers.ts';
import { TabchainError } from '../src/util/errors.ts';

export const DEFAULT_PORT = 8080;

/** Number of ports to try after a busy default port. If all of them are in use, that is no coincidence. */
export const PORT_ATTEMPTS = 20;

const MAX_PORT = 65_535;

export interface Settings {
  host: string;
  /** 0 for any free port. */
  port: number;
  /** Whether the user chose the port. Then no other port is tried. */
  portChosen: boolean;
  https: boolean;
  /** Run without a page. */
  signalingOnly: boolean;
  /** What a request for the metrics must present; null if only requests of this machine may read them. */
  metricsToken: string | null;
  /** Where several processes meet to share rooms; null if this is the only one. */
  redisUrl: string | null;
  /** STUN and TURN servers that the page tells every tab, in the text form of src/protocol/ice-servers.ts. */
  iceServers: string[];
}

/** Of at least 16 characters, because strangers may guess as often as they like. Printable ASCII without spaces, because a header carries it. */
const METRICS_TOKEN = /^[\x21-\x7e]{16,}$/;

const FLAGS = ['--https', '--signaling-only'];

/**
 * Reads the settings from the environment (`PORT`, `HOST`, `METRICS_TOKEN`, `REDIS_URL`, `ICE_SERVERS`) and the command line (`--https`, `--signaling-only`).
 * @throws TabchainError `port-invalid`, `metrics-token-invalid`, `redis-url-invalid`, `ice-server-invalid`, `argument-unknown`
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>, args: readonly string[]): Settings {
  const unknown = args.find((argument) => !FLAGS.includes(argument));
  if (unknown !== undefined) {
    throw new TabchainError('argument-unknown', `Unknown argument ${unknown}. Known arguments: ${FLAGS.join(', ')}.`, {
      argument: unknown,
    });
  }
  const portText = environment['PORT'] ?? '';
  const port = portText === '' ? DEFAULT_PORT : Number(portText);
  if (!/^\d*$/.test(portText) || port > MAX_PORT) {
    throw new TabchainError('port-invalid', `PORT must be a number from 0 to ${MAX_PORT}, not "${portText}".`, { port: portText });
  }
  const metricsToken = environment['METRICS_TOKEN'] || null;
  if (metricsToken !== null && !METRICS_TOKEN.test(metricsToken)) {
    throw new TabchainError('metrics-token-invalid', 'METRICS_TOKEN must be at least 16 letters, digits or signs, without spaces.');
  }
  const redisUrl = environment['REDIS_URL'] || null;
  if (redisUrl !== null && !/^rediss?:$/.test(URL.canParse(redisUrl) ? new URL(redisUrl).protocol : '')) {
    // The text does not repeat the URL, which may hold a password.
    throw new TabchainError('redis-url-invalid', 'REDIS_URL must be an address like redis://localhost:6379.');
  }
  const has = (flag: string): boolean => args.includes(flag);
  return {
    host: environment['HOST'] || '0.0.0.0',
    port,
    portChosen: portText !== '',
    https: has('--https'),
    signalingOnly: has('--signaling-only'),
    metricsToken,
    redisUrl,
    iceServers: iceServersIn(environment['ICE_SERVERS'] ?? ''),
  };
}

/** Addresses with commas or spaces between them. */
function iceServersIn(text: string): string[] {
  try {
    return parseIceServers(text.split(/[\s,]+/).filter((address) => address !== '')).map(iceServerText);
  } catch (error) {
    if (!(error instanceof TabchainError)) throw error;
    throw new TabchainError(error.code, `ICE_SERVERS: ${error.message}`, error.details);
  }
}
