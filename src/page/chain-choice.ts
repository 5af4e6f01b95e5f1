import { CHAIN_CHOICES, type ChainChoice } from '../api/chain.ts';
import { argumentInvalid } from '../api/arguments.ts';
import { StoredRecord } from '../util/stored-record.ts';

/** The person's choice of how much of a network's chain this browser keeps, in localStorage: the choice belongs to the device. */
export class StoredChainChoice {
  readonly #record: StoredRecord;

  constructor(networkId: string) {
    this.#record = new StoredRecord(() => localStorage, `tabchain-chain:${networkId.slice(0, 16)}`);
  }

  get(): ChainChoice {
    const { choice } = this.#record.read();
    return isChoice(choice) ? choice : 'whole';
  }

  set(choice: ChainChoice): void {
    this.#record.change({ choice });
  }
}

const isChoice = (value: unknown): value is ChainChoice => (CHAIN_CHOICES as readonly unknown[]).includes(value);

/** @throws TabchainError `argument-invalid` */
export function assertChainChoice(value: unknown): asserts value is ChainChoice {
  if (!isChoice(value)) throw argumentInvalid('choice', `one of ${CHAIN_CHOICES.map((choice) => `"${choice}"`).join(', ')}`);
}
