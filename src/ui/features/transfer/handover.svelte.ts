import { sameNetwork } from '../../address.ts';

/** A tab of this browser that has an account open. */
export interface Holder {
  tab: string;
  name: string;
}

/** `ask`: which tab can pay? `here`: this tab can. `give`: show this payment. `taken`: the payment is shown. */
type Message =
  | { type: 'ask'; from: string; network: string }
  | { type: 'here'; to: string; from: string; name: string }
  | { type: 'give'; to: string; from: string; at: string }
  | { type: 'taken'; to: string; name: string };

/** The functions of its tab that `PaymentHandover` calls. */
export interface HandoverHost {
  /** Fragment with this tab's network. */
  network(): string;
  /** Name of the open account; null without an open account. */
  holding(): string | null;
  /** Shows a payment that came from another tab. */
  take(at: string): void;
}

/** More tabs with accounts than a user keeps open. */
const MAX_HOLDERS = 50;

/** Longer than any text of a message. */
const MAX_TEXT = 4_000;

const FIELDS: Readonly<Record<Message['type'], readonly string[]>> = {
  ask: ['from', 'network'],
  here: ['to', 'from', 'name'],
  give: ['to', 'from', 'at'],
  taken: ['to', 'name'],
};

/** Any page of this origin can write to the channel, including an older version of this page. */
function isMessage(data: unknown): data is Message {
  if (typeof data !== 'object' || data === null) return false;
  const message = data as Record<string, unknown>;
  const fields = Object.hasOwn(FIELDS, String(message['type'])) ? FIELDS[message['type'] as Message['type']] : null;
  return fields?.every((field) => typeof message[field] === 'string' && message[field].length <= MAX_TEXT) ?? false;
}

const CHANNEL = 'tabchain-payments';

/**
 * Hands a payment link from a tab without an account to a tab of this browser that has an account. An account is open in only one tab,
 * and a link from a chat opens another tab.
 */
export class PaymentHandover {
  /** Tabs that have answered the last `ask`. */
  holders = $state.raw<readonly Holder[]>([]);
  /** Name of the account whose tab has taken the payment. */
  taken = $state.raw<string | null>(null);
  readonly #tab = crypto.getRandomValues(new Uint32Array(2)).join('-');
  readonly #host: HandoverHost;
  #channel: BroadcastChannel | null = null;

  constructor(host: HandoverHost) {
    this.#host = host;
  }

  /** Listens until the returned function is called. */
  start(): () => void {
    try {
      this.#channel = new BroadcastChannel(CHANNEL);
      this.#channel.onmessage = ({ data }: MessageEvent<unknown>) => {
        if (isMessage(data)) this.#receive(data);
      };
    } catch {
      // Where storage is forbidden, so is the channel, and no other tab has an account of this page.
    }
    return () => this.#channel?.close();
  }

  #send(message: Message): void {
    this.#channel?.postMessage(message);
  }

  /** Asks the other tabs of this browser which of them can pay; `holders` fills within milliseconds. */
  ask(): void {
    this.holders = [];
    this.taken = null;
    this.#send({ type: 'ask', from: this.#tab, network: this.#host.network() });
  }

  give(holder: Holder, at: string): void {
    this.#send({ type: 'give', to: holder.tab, from: this.#tab, at });
  }

  #note(holder: Holder): void {
    const others = this.holders.filter(({ tab }) => tab !== holder.tab);
    if (others.length < MAX_HOLDERS) this.holders = [...others, holder];
  }

  #receive(message: Message): void {
    const name = this.#host.holding();
    if (message.type === 'ask') {
      if (name !== null && sameNetwork(message.network, this.#host.network())) {
        this.#send({ type: 'here', to: message.from, from: this.#tab, name });
      }
    } else if (message.to !== this.#tab) return;
    else if (message.type === 'here') this.#note({ tab: message.from, name: message.name });
    else if (message.type === 'taken') this.taken = message.name;
    else if (name !== null) {
      this.#host.take(message.at);
      this.#send({ type: 'taken', to: message.from, name });
    }
  }
}
