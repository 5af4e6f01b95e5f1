import { StoredRecord } from '../../../util/stored-record.ts';
import { networkPart, paymentAt, placeOf, sameNetwork, type Payment } from '../../address.ts';

const record = new StoredRecord(() => sessionStorage, 'tabchain.wanted');

/** A payment that waits for an account: which one is asked for while somebody registers or logs in, a reload in between included. */
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
    else record.change({ network: networkPart(location.hash), at });
  }

  /** The route to go to now, which then is no longer wanted. */
  take(): string | null {
    const at = this.#at;
    this.set(null);
    return at;
  }
}
