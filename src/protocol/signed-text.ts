import { concatBytes, fromHex, utf8 } from '../util/bytes.ts';

/** A text that an account signs outside any transaction, so that people can see what a signature proves. It never enters the chain. */

/** Bytes of UTF-8: some sentences. */
export const MAX_SIGNED_TEXT_BYTES = 1_000;

/** Domain tag: such a signature can never serve as that of a transaction. */
export const SIGNED_TEXT_DOMAIN = utf8('tabchain text 1\n');

/** The signed bytes: domain ‖ whole network id ‖ the text in UTF-8. */
export function signedTextMessage(networkId: string, text: string): Uint8Array {
  return concatBytes(SIGNED_TEXT_DOMAIN, fromHex(networkId), utf8(text));
}
