import { TabchainError } from '../../util/errors.ts';

/** The server is asked at most this often, because any stranger can claim a newer version. */
const ASK_MS = 60_000;

/** The page as its server has it now, which may be newer than the page in this tab. */
export class ServedPage {
  /** Version of its protocol; null while unknown, as on a server without an answer. */
  version = $state<number | null>(null);
  #askedAt = -Infinity;

  /**
   * Asks the server for its version, unless this tab asked a moment ago. Other tabs cannot prove a version, but the server decides anyway
   * which code a reload brings.
   */
  async ask(): Promise<void> {
    const now = performance.now();
    if (now - this.#askedAt < ASK_MS) return;
    this.#askedAt = now;
    try {
      const answer = await fetch('version.json', { cache: 'no-store' });
      const { protocol } = (await answer.json()) as { protocol?: unknown };
      if (answer.ok && Number.isSafeInteger(protocol)) this.version = protocol as number;
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
