import type { Status } from '../../api/api.ts';
import { TabchainError } from '../../util/errors.ts';

/** The server is asked at most this often. */
const ASK_MS = 5_000;
/** The same when another tab claims a newer version, because any stranger can do so. */
const CLAIMED_ASK_MS = 60_000;

/** The page as its server has it now, which may be newer than the page in this tab. */
export class ServedPage {
  /** Version of its protocol; null while unknown, as on a server without an answer. */
  version = $state<number | null>(null);
  /** Whether the server has another build of the page than this tab, nearly always a newer one. */
  isOther = $state(false);
  #askedAt = -Infinity;
  /** The connection to the server; null before the first. */
  #connection: 'up' | 'lost' | null = null;
  /** The script with which this page began. Its name holds a hash that changes with any part of the page. */
  readonly #entry: string | null;

  /** @param entry its address; null where pages have no build, as on the development server */
  constructor(entry: string | null) {
    this.#entry = entry;
  }

  /**
   * Asks from now on when this tab has its person's attention again, or a network. A server is often restarted for a new version, and then
   * its tabs lose their network for a moment.
   * @returns ends this
   */
  watch(): () => void {
    const ask = (): void => void (document.visibilityState === 'visible' && this.ask());
    document.addEventListener('visibilitychange', ask);
    addEventListener('online', ask);
    return () => {
      document.removeEventListener('visibilitychange', ask);
      removeEventListener('online', ask);
    };
  }

  /** Asks when the connection to the server is back, because a server is restarted for a newer page. */
  follow({ sync }: Status): void {
    const before = this.#connection;
    if (sync.signaling === 'connected') this.#connection = 'up';
    else if (before !== null) this.#connection = 'lost';
    if (before === 'lost' && this.#connection === 'up') void this.ask();
  }

  /** Another tab claims a newer version. The tab cannot prove this, but the server decides anyway which code a reload brings. */
  async claimed(): Promise<void> {
    await this.ask(CLAIMED_ASK_MS);
  }

  /** Asks the server for its version, unless this tab asked less than `pauseMs` ago. */
  async ask(pauseMs = ASK_MS): Promise<void> {
    const now = performance.now();
    if (now - this.#askedAt < pauseMs) return;
    this.#askedAt = now;
    try {
      const answer = await fetch('version.json', { cache: 'no-store' });
      const { protocol, page } = (await answer.json()) as { protocol?: unknown; page?: unknown };
      if (!answer.ok) return;
      if (Number.isSafeInteger(protocol)) this.version = protocol as number;
      if (typeof page === 'string') this.isOther = this.#entry !== null && !this.#entry.endsWith(`/${page}`);
    } catch {
      // The server is gone, or serves another page. Then a reload would bring no newer version.
    }
  }

  /**
   * Replaces this page by the server's. Fetches the page past every cache first, so an unreachable server costs nobody the open tab.
   * @throws TabchainError `page-unreachable`
   */
  async load(): Promise<void> {
    const answer = await fetch(location.pathname + location.search, { cache: 'reload' }).catch(() => null);
    if (!answer?.ok)
      throw new TabchainError('page-unreachable', 'The server of this page does not answer, so this tab stays open. Try again later.');
    location.reload();
  }
}
