import { StoredRecord } from '../../../util/stored-record.ts';
import { chainPart, paymentAt, placeOf, sameNetwork, type Payment } from '../../address.ts';

const record = new StoredRecord(() => sessionStorage, 'tabchain.wanted');

/** The payment that waits while the user registers or logs in. Kept over a reload. */
export class Wanted {
  #at = $state.raw<string | null>(null);

  constructor() {
    const { network, at } = record.read();
    if (typeof at === 'string' && typeof network === 'string' && sameNetwork(`#${network}`, location.hash)) this.#at = at;
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
    if (at === null) record.remove();
    else record.change({ network: chainPart(location.hash), at });
  }

  /** Returns the route of the payment and forgets it. */
  take(): string | null {
    const at = this.#at;
    this.set(null);
    return at;
  }
}
