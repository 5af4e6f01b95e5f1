import { toHex } from '../util/bytes.ts';
import { TabchainError } from '../util/errors.ts';

/**
 * One tab per account, because two tabs that write one database, or that send with one nonce, would break both.
 *
 * Uses Web Locks where the browser has them (secure contexts); otherwise a claim over BroadcastChannel that a tab holding the
 * account answers. A frozen tab may not answer the claim, so storage also fences writes with the fencing token.
 */
export interface AccountLocks {
  /** Takes the account for this page, or returns null when another tab has it. Release by calling the result. */
  acquire(key: string): Promise<(() => void) | null>;
  /** Which of `keys` another tab holds now. */
  heldElsewhere(keys: readonly string[]): Promise<Set<string>>;
}

/** Another tab holds the account. */
export function accountInUse(): TabchainError {
  return new TabchainError('account-in-use', 'This account is open in another tab of this browser. Close it there first.');
}

/** A token that no other owner of a database has. */
export function newFencingToken(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join('-');
}

const PREFIX = 'tabchain-account:';
/** Another tab of the same browser answers within a few milliseconds; a busy phone may need a few hundred. */
const CLAIM_WAIT_MS = 300;

export function createAccountLocks(locks: LockManager | undefined): AccountLocks {
  if (locks) return new WebAccountLocks(locks);
  try {
    return new ChannelAccountLocks(new BroadcastChannel('tabchain-account-locks'));
  } catch {
    // The browser has no BroadcastChannel or forbids it. Storage still refuses the older of two owners.
    return NO_LOCKS;
  }
}

const NO_LOCKS: AccountLocks = {
  acquire: async () => () => undefined,
  heldElsewhere: async () => new Set(),
};

/** How long a browser may take to say whether a lock is free; normally a millisecond. */
const LOCK_WAIT_MS = 3_000;

class WebAccountLocks implements AccountLocks {
  readonly #locks: LockManager;
  readonly #own = new Set<string>();

  constructor(locks: LockManager) {
    this.#locks = locks;
  }

  acquire(key: string): Promise<(() => void) | null> {
    return new Promise((resolve, reject) => {
      let isLate = false;
      // A lock manager that does not answer must not block the account: storage refuses the older of two owners.
      const timer = setTimeout(() => {
        isLate = true;
        resolve(() => undefined);
      }, LOCK_WAIT_MS);
      this.#locks
        .request(PREFIX + key, { ifAvailable: true }, (lock) => {
          clearTimeout(timer);
          if (isLate) return undefined;
          if (!lock) return resolve(null);
          // The lock lives until this promise settles (or the page dies).
          return new Promise<void>((release) => {
            this.#own.add(key);
            resolve(() => {
              this.#own.delete(key);
              release();
            });
          });
        })
        // Where storage is forbidden, the page shares no data with other tabs, so there is nothing to lock.
        .catch((error: unknown) => (isForbidden(error) ? resolve(() => undefined) : reject(error)))
        .finally(() => clearTimeout(timer));
    });
  }

  async heldElsewhere(keys: readonly string[]): Promise<Set<string>> {
    const answer = this.#locks.query().catch((error: unknown): LockManagerSnapshot => {
      if (isForbidden(error)) return {};
      throw error;
    });
    const silence = new Promise<LockManagerSnapshot>((resolve) => setTimeout(resolve, LOCK_WAIT_MS, {}));
    const { held = [] } = await Promise.race([answer, silence]);
    const names = new Set(held.map((lock) => lock.name));
    return new Set(keys.filter((key) => names.has(PREFIX + key) && !this.#own.has(key)));
  }
}

const isForbidden = (error: unknown): boolean => error instanceof DOMException && error.name === 'SecurityError';

type ClaimMessage = { type: 'claim' | 'held' | 'ask'; key: string; token: string };

/** Any page of this origin can write to the channel, including an older version of this page. */
function isClaimMessage(data: unknown): data is ClaimMessage {
  if (typeof data !== 'object' || data === null) return false;
  const { type, key, token } = data as Partial<ClaimMessage>;
  return (type === 'claim' || type === 'held' || type === 'ask') && typeof key === 'string' && typeof token === 'string';
}

class ChannelAccountLocks implements AccountLocks {
  readonly #channel: BroadcastChannel;
  /** Accounts that this page holds, or is claiming, with the claim's token. */
  readonly #own = new Map<string, { token: string; settled: boolean }>();
  readonly #seen = new Set<(message: ClaimMessage) => void>();

  constructor(channel: BroadcastChannel) {
    this.#channel = channel;
    this.#channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (!isClaimMessage(data)) return;
      const own = this.#own.get(data.key);
      // Of two claims at once the smaller token wins.
      const mine = own !== undefined && (own.settled || own.token < data.token);
      if (data.type === 'claim' && mine) this.#channel.postMessage({ type: 'held', key: data.key, token: data.token });
      if (data.type === 'ask' && own?.settled) this.#channel.postMessage({ type: 'held', key: data.key, token: data.token });
      for (const listener of this.#seen) listener(data);
    };
  }

  async acquire(key: string): Promise<(() => void) | null> {
    if (this.#own.has(key)) return null;
    const token = randomToken();
    this.#own.set(key, { token, settled: false });
    const held = await this.#ask('claim', [key], token);
    if (held.has(key)) {
      this.#own.delete(key);
      return null;
    }
    this.#own.set(key, { token, settled: true });
    return () => this.#own.delete(key);
  }

  heldElsewhere(keys: readonly string[]): Promise<Set<string>> {
    return this.#ask('ask', keys, randomToken());
  }

  #ask(type: 'claim' | 'ask', keys: readonly string[], token: string): Promise<Set<string>> {
    return new Promise((resolve) => {
      const held = new Set<string>();
      const listener = (message: ClaimMessage): void => {
        if (message.type === 'held' && message.token === token) held.add(message.key);
      };
      this.#seen.add(listener);
      for (const key of keys) this.#channel.postMessage({ type, key, token } satisfies ClaimMessage);
      setTimeout(
        () => {
          this.#seen.delete(listener);
          resolve(held);
        },
        keys.length === 0 ? 0 : CLAIM_WAIT_MS,
      );
    });
  }
}

function randomToken(): string {
  return toHex(crypto.getRandomValues(new Uint8Array(8)));
}
