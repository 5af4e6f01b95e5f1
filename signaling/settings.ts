import { TabchainError } from '../src/util/errors.ts';

export const DEFAULT_PORT = 8080;

/** How many ports after a busy default one are tried; more in use than this is not by chance. */
export const PORT_ATTEMPTS = 20;

const MAX_PORT = 65_535;

export interface Settings {
  host: string;
  /** 0: any free one. */
  port: number;
  /** Whether the person chose the port: then it is that one or none. */
  portChosen: boolean;
  https: boolean;
  /** Serves no page. */
  signalingOnly: boolean;
}

const FLAGS = ['--https', '--signaling-only'];

/**
 * What was asked for by the environment (`PORT`, `HOST`) and the command line (`--https`, `--signaling-only`).
 * @throws TabchainError `port-invalid`, `argument-unknown`
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>, args: readonly string[]): Settings {
  const unknown = args.find((argument) => !FLAGS.includes(argument));
  if (unknown !== undefined) {
    throw new TabchainError('argument-unknown', `Unknown argument ${unknown}; there are only ${FLAGS.join(' and ')}.`, {
      argument: unknown,
    });
  }
  const portText = environment['PORT'] ?? '';
  const port = portText === '' ? DEFAULT_PORT : Number(portText);
  if (!/^\d*$/.test(portText) || port > MAX_PORT) {
    throw new TabchainError('port-invalid', `PORT must be a number from 0 to ${MAX_PORT}, not "${portText}".`, { port: portText });
  }
  const has = (flag: string): boolean => args.includes(flag);
  return {
    host: environment['HOST'] || '0.0.0.0',
    port,
    portChosen: portText !== '',
    https: has('--https'),
    signalingOnly: has('--signaling-only'),
  };
}
