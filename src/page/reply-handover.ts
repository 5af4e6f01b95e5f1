import { fromWireError, TabchainError, toWireError, type WireError } from '../util/errors.ts';
import type { Timers } from '../util/ports.ts';

/** Tabs of one browser answer within milliseconds; a hidden tab's page may need a second. */
const CLAIM_TIMEOUT_MS = 1_500;
/** Longer than a tab takes to link or to give up. */
const RESULT_TIMEOUT_MS = 40_000;
const MAX_TEXT = 4_000;

type Accept = (reply: string) => Promise<{ peer: string }>;

/** `reply`: whose is it? `mine`: this tab made the invitation. `linked`, `failed`: what became of it. */
type Message =
  | { readonly type: 'reply'; readonly from: string; readonly text: string }
  | { readonly type: 'mine'; readonly to: string }
  | { readonly type: 'linked'; readonly to: string; readonly peer: string }
  | { readonly type: 'failed'; readonly to: string; readonly error: WireError };

/**
 * Hands a reply over to the tab of this browser that made the invitation. A phone's camera opens the link of a reply in a new tab, and
 * only the inviting tab can use the reply.
 */
export class ReplyHandover {
  readonly #accept: Accept;
  readonly #timers: Timers;
  readonly #channel: BroadcastChannel | null;
  readonly #tab = crypto.getRandomValues(new Uint32Array(2)).join('-');
  #waiting: ((message: Message) => void) | null = null;

  /** @param accept takes a reply to an invitation of this tab; rejects with `reply-unknown` for any other reply */
  constructor(networkId: string, accept: Accept, timers: Timers) {
    this.#accept = accept;
    this.#timers = timers;
    this.#channel = openChannel(`tabchain-replies:${networkId}`);
    if (this.#channel) this.#channel.onmessage = ({ data }: MessageEvent<unknown>) => this.#receive(data);
  }

  /** Takes a reply here or in another tab. @throws TabchainError the reason of the tab that made the invitation */
  async accept(reply: string): Promise<{ peer: string }> {
    try {
      return await this.#accept(reply);
    } catch (error) {
      if (!(error instanceof TabchainError) || error.code !== 'reply-unknown' || reply.length > MAX_TEXT || !this.#channel) throw error;
      return this.#handOver(this.#channel, reply, error);
    }
  }

  close(): void {
    this.#channel?.close();
  }

  #handOver(channel: BroadcastChannel, text: string, unknown: TabchainError): Promise<{ peer: string }> {
    return new Promise((resolve, reject) => {
      let timer = this.#timers.set(() => reject(unknown), CLAIM_TIMEOUT_MS);
      this.#waiting = (message) => {
        this.#timers.clear(timer);
        if (message.type === 'mine') timer = this.#timers.set(() => reject(unknown), RESULT_TIMEOUT_MS);
        else if (message.type === 'linked') resolve({ peer: message.peer });
        else if (message.type === 'failed') reject(fromWireError(message.error));
      };
      channel.postMessage({ type: 'reply', from: this.#tab, text } satisfies Message);
    });
  }

  #receive(data: unknown): void {
    if (!isMessage(data)) return;
    if (data.type === 'reply') void this.#takeFor(data.from, data.text);
    else if (data.to === this.#tab) this.#waiting?.(data);
  }

  async #takeFor(to: string, text: string): Promise<void> {
    const say = (message: Message): void => this.#channel?.postMessage(message);
    const accepted = this.#accept(text);
    // A refusal comes at once; what takes longer is the link. After a refusal, another tab may still know the reply.
    let claimed = false;
    const claim = this.#timers.set(() => {
      claimed = true;
      say({ type: 'mine', to });
    }, 0);
    try {
      say({ type: 'linked', to, peer: (await accepted).peer });
    } catch (thrown) {
      if (claimed) say({ type: 'failed', to, error: toWireError(thrown) });
    } finally {
      this.#timers.clear(claim);
    }
  }
}

/** Any page of this origin can write to the channel, including another version of this page. */
function isMessage(data: unknown): data is Message {
  if (typeof data !== 'object' || data === null) return false;
  const { type, from, to, text, peer, error } = data as Record<string, unknown>;
  if (type === 'reply') return isText(from) && isText(text);
  if (!isText(to)) return false;
  if (type === 'linked') return isText(peer);
  if (type === 'failed') return typeof error === 'object' && error !== null && isText((error as Record<string, unknown>)['code']);
  return type === 'mine';
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length <= MAX_TEXT;
}

/** Null where storage is forbidden, because then so is the channel. */
function openChannel(name: string): BroadcastChannel | null {
  try {
    return new BroadcastChannel(name);
  } catch {
    return null;
  }
}
