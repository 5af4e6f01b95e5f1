import { TabchainError } from '../util/errors.ts';

/** A script that is loaded later, in the words of `script-blocked`. */
export type ScriptRole = 'keys' | 'query' | 'node' | 'links';

/**
 * What the `error` event of a worker means. A script that could not be loaded (a content blocker, a page older than its server) gives an event
 * without a message; only one that ran and threw gives one with.
 * @param failed the error where the script did run
 */
export function workerFailure(event: Event, role: ScriptRole, failed: (message: string) => TabchainError): TabchainError {
  const { message } = event as Partial<ErrorEvent>;
  return message ? failed(message) : scriptBlocked(role);
}

export function scriptBlocked(role: ScriptRole): TabchainError {
  const message = `A part of this page could not be loaded (${role}). Reload the page; if that does not help, a content blocker keeps it away.`;
  return new TabchainError('script-blocked', message, { role });
}
