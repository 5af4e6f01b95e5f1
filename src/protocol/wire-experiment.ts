import { ADDRESS_BYTES, type Address } from '../crypto/address.ts';
import { HASH_BYTES, sha256 } from '../crypto/hash.ts';
import { concatBytes, fromHex, toHex, utf8 } from '../util/bytes.ts';
import { TabchainError } from '../util/errors.ts';
import type { Reader, Writer } from './codec.ts';
import { SIGNATURE_BYTES } from './transactions/format.ts';

/** What an experiment offers: a transaction, or a whole block. */
export const OFFER_KINDS = ['transaction', 'block'] as const;
export type OfferKind = (typeof OFFER_KINDS)[number];

/** What somebody offers as an experiment, so that peers say what their rules say. Nobody takes it into a mempool or a chain. */
export interface Offer {
  readonly kind: OfferKind;
  /** Meant as a transaction or a block, but perhaps not even canonical. */
  readonly bytes: Uint8Array;
}

/** An offer with the account that makes it. */
export interface ExperimentMessage extends Offer {
  readonly type: 'experiment';
  readonly account: Address;
  /** Of {@link experimentMessage} by the account's key. */
  readonly signature: Uint8Array;
}

export interface VerdictMessage {
  readonly type: 'verdict';
  /** {@link offerId} of the offer, hexadecimal. */
  readonly offer: string;
  /** Code of the first broken rule; empty where no rule is broken. */
  readonly code: string;
}

export const EXPERIMENT_TYPES = ['experiment', 'verdict'] as const;

/** A block of some fifty transactions: checked within a few milliseconds. */
export const MAX_OFFER_BYTES = 16_384;
/** Longer than every code. */
export const MAX_CODE_BYTES = 48;
/** The word in a hello's agent by which a node says that it knows these messages. Others would take them for a breach. */
export const EXPERIMENTS_FEATURE = 'experiments';

// Domain tag: such a signature can never serve as that of a transaction.
const DOMAIN = utf8('tabchain experiment 1\n');
const CODE = /^[a-z0-9-]*$/;

/** SHA-256 of kind and bytes, hexadecimal. */
export function offerId({ kind, bytes }: Offer): string {
  return toHex(sha256(Uint8Array.of(OFFER_KINDS.indexOf(kind)), bytes));
}

/**
 * The signed bytes: domain ‖ network id ‖ peer id ‖ id of the offer. So nobody else can repeat the experiment in the account's name.
 * @param peerId of the tab that makes the offer
 */
export function experimentMessage(networkId: string, peerId: string, offer: Offer): Uint8Array {
  return concatBytes(DOMAIN, fromHex(networkId), fromHex(peerId), fromHex(offerId(offer)));
}

/** Writes the fields after the type. @throws TabchainError `encoding-*`, `invariant-broken` */
export function writeExperimentFields(writer: Writer, message: ExperimentMessage | VerdictMessage): void {
  if (message.type === 'experiment') {
    writer.u8(OFFER_KINDS.indexOf(message.kind)).fixed(fromHex(message.account), ADDRESS_BYTES);
    if (message.bytes.length > MAX_OFFER_BYTES) throw new TabchainError('encoding-too-long', 'An offer is longer than its limit.');
    writer.fixed(message.signature, SIGNATURE_BYTES).bytes16(message.bytes);
  } else {
    writer.fixed(fromHex(message.offer), HASH_BYTES).text8(codeText(message.code), MAX_CODE_BYTES);
  }
}

/** The inverse of {@link writeExperimentFields}. @throws TabchainError `encoding-*` */
export function readExperimentFields(reader: Reader, type: (typeof EXPERIMENT_TYPES)[number]): ExperimentMessage | VerdictMessage {
  if (type === 'verdict') return { type, offer: toHex(reader.view(HASH_BYTES)), code: codeText(reader.text8(MAX_CODE_BYTES)) };
  const kind = OFFER_KINDS[reader.u8()];
  if (kind === undefined) throw new TabchainError('encoding-non-canonical', 'A code stands for nothing.');
  const account = toHex(reader.view(ADDRESS_BYTES));
  return { type, kind, account, signature: reader.take(SIGNATURE_BYTES), bytes: reader.bytes16(MAX_OFFER_BYTES) };
}

/** A code is shown to people, so it has no characters beside those of codes. */
function codeText(code: string): string {
  if (!CODE.test(code)) throw new TabchainError('encoding-non-canonical', 'A code has other characters.');
  return code;
}
