import type { AccountState } from '../../../../src/protocol/state-root.ts';
import { toHex } from '../../../../src/util/bytes.ts';
import type { AccountRow } from './second-implementation.ts';

/** An account in the form of the second implementation and the vectors. */
export function rowOf({ address, balance, nonce, registration }: AccountState): AccountRow {
  return {
    address,
    balance,
    nonce,
    name: registration?.name ?? null,
    signingModulus: registration ? toHex(registration.signingModulus) : null,
    encryptionModulus: registration ? toHex(registration.encryptionModulus) : null,
  };
}
