import { networkPart, paymentAt, placeOf, sameNetwork, type Payment } from '../../address.ts';

const KEY = 'tabchain.wanted';

/** A payment that waits for an account: which one is asked for while somebody registers or logs in, a reload in between included. */
export class Wanted {
  #at = $state.raw<string | null>(null);

  constructor() {
    try {
      const { network, at } = JSON.parse(sessionStorage.getItem(KEY) ?? '{}') as { network?: unknown; at?: unknown };
      if (typeof at === 'string' && typeof network === 'string' && sameNetwork(`#${network}`, location.hash)) this.#at = at;
    } catch {
      // Storage is forbidden, or holds something else: then the payment lasts as long as the page.
    }
  }

  /** The route that leads to the payment. */
  get at(): string | null {
    return this.#at;
  }

  get payment(): Payment | null {
    return this.#at === null ? null : paymentAt(placeOf(`#at=${encodeURIComponent(this.#at)}`));
  }

  set(at: string | null): void {
    this.#at = at;
    try {
      if (at === null) sessionStorage.removeItem(KEY);
      else sessionStorage.setItem(KEY, JSON.stringify({ network: networkPart(location.hash), at }));
    } catch {
      // As above.
    }
  }

  /** The route to go to now, which then is no longer wanted. */
  take(): string | null {
    const at = this.#at;
    this.set(null);
    return at;
  }
}
