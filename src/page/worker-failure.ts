import { TabchainError } from '../util/errors.ts';

/** A script that is loaded later, as named in the details of `script-blocked`. */
export type ScriptRole = 'keys' | 'query' | 'node' | 'links' | 'file';

/**
 * The error for a worker's `error` event. A script that could not be loaded gives an event without a message: a content blocker blocked
 * the script, or the page is older than its server. A script that ran and threw gives an event with a message.
 * @param failed makes the error for a script that ran
 */
export function workerFailure(event: Event, role: ScriptRole, failed: (message: string) => TabchainError): TabchainError {
  const { message } = event as Partial<ErrorEvent>;
  return message ? failed(message) : scriptBlocked(role);
}

export function scriptBlocked(role: ScriptRole): TabchainError {
  const message = `A part of this page could not be loaded (${role}). Reload the page; if that does not help, a content blocker keeps it away.`;
  return new TabchainError('script-blocked', message, { role });
}
