/**
 * The events of the log, as area/event. A name stays the same if the wording of its line changes, so tests and the
 * simulator can count the event.
 */
export type LogEvent =
  | 'chain/block-held'
  | 'chain/block-invalid'
  | 'chain/block-missing'
  | 'chain/held-block-invalid'
  | 'chain/held-block-taken'
  | 'gossip/transaction-refused'
  | 'join/failed'
  | 'join/finished'
  | 'join/proven'
  | 'mining/own-block-too-late'
  | 'mining/thread-problem'
  | 'net/link-closed'
  | 'net/other-version'
  | 'net/peer-ready'
  | 'net/peer-revived'
  | 'net/peer-silent'
  | 'net/peer-violation'
  | 'net/was-asleep'
  | 'node/task-failed'
  | 'signaling/connection-lost'
  | 'signaling/refused-by-server'
  | 'signaling/socket-not-opened'
  | 'storage/block-altered'
  | 'storage/block-restored'
  | 'storage/close-failed'
  | 'storage/memo-not-kept'
  | 'storage/recent-not-removed'
  | 'storage/recent-unusable'
  | 'storage/salvage-ended-early'
  | 'storage/salvaged'
  /** Each save copies the whole database: sql.js does not work as expected. */
  | 'storage/whole-database-saves'
  | 'storage/write-refused'
  | 'sync/headers-timeout'
  | 'sync/peer-stalled'
  | 'webrtc/dial-failed'
  | 'webrtc/link-displaced'
  | 'webrtc/redial'
  | 'webrtc/signal-forged'
  | 'webrtc/signal-senseless'
  | 'webrtc/control-senseless';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** A log line never holds a secret: `details` are ids, counts, codes and reasons. */
export type Log = (level: LogLevel, event: LogEvent, details?: Record<string, unknown>) => void;

/** The log of a browser's thread. Writes errors, and the areas that a developer has chosen, to the console. */
export class ConsoleLog {
  #areas: ReadonlySet<string> = new Set();

  /** Chooses the areas to show. @param areas names separated by commas, e.g. "net,chain"; "*" for all, an empty text for none */
  show(areas: string): void {
    this.#areas = new Set(areas.split(',').map((area) => area.trim()));
  }

  readonly log: Log = (level, event, details = {}) => {
    const [area] = event.split('/');
    if (level === 'error' || this.#areas.has('*') || this.#areas.has(area!)) console[level](event, details);
  };
}
