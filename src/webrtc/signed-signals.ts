/**
 * The sender signs the signals that make a link, so neither another tab nor the signaling server can forge them. The fingerprints inside
 * offers and answers thus bind each direct link to the keys of its ends.
 *
 * The signed bytes are `"tabchain signal 1\n"` ‖ room `bytes[32]` ‖ sender's peer id `bytes[8]` ‖ recipient's `bytes[8]` ‖ count `u64`
 * ‖ body in UTF-8. The sender numbers its signals from 1 as long as it has this key; a recipient takes only higher numbers than before.
 */
import { ED25519_PUBLIC_BYTES, ED25519_SIGNATURE_BYTES, ed25519Verify } from '../crypto/ed25519.ts';
import { peerIdOf } from '../protocol/peer-id.ts';
import { bigIntToBytes, concatBytes, fromHex, toHex, utf8 } from '../util/bytes.ts';
import type { TabIdentity } from './identity.ts';
import { MAX_SIGNAL_BODY_LENGTH } from './link-limits.ts';
import { parsePeerSignal, type PeerSignal } from './peer-signals.ts';

/** A signal as a rendezvous carries it. */
export interface SignedSignal {
  /** Public key of the sender, hexadecimal. */
  readonly key: string;
  readonly count: number;
  /** JSON of the signal, as text, so its bytes are the same at both ends. */
  readonly body: string;
  /** Hexadecimal. */
  readonly signature: string;
}

/** A signal of valid form whose signature is not verified yet. */
export interface UnprovenSignal {
  readonly signal: PeerSignal;
  readonly count: number;
  /** Whether the sender understands control frames (control-frames.ts). */
  readonly control: boolean;
  /** Whether the claimed sender has signed the signal for this tab; takes milliseconds. */
  proven(): boolean;
}

/** Version of the control frames that this tab understands. Tabs opened from an older page do not know such frames. */
const CONTROL_VERSION = 1;

const HEX = /^[0-9a-f]*$/;

export class SignedSignals {
  readonly #identity: TabIdentity;
  readonly #room: Uint8Array;
  #count = 0;

  /** @param room where the tabs of this network meet (protocol/room.ts) */
  constructor(identity: TabIdentity, room: string) {
    this.#identity = identity;
    this.#room = fromHex(room);
  }

  /** Signs a signal for one recipient. */
  seal(to: string, signal: PeerSignal): SignedSignal {
    const count = ++this.#count;
    const body = JSON.stringify({ ...signal, control: CONTROL_VERSION });
    const { peerId, publicKey } = this.#identity;
    const signature = this.#identity.sign(this.#statement(peerId, to, count, body));
    return { key: toHex(publicKey), count, body, signature: toHex(signature) };
  }

  /** Makes the cheap checks of a signal that claims to come from `from`; null for an invalid signal or another sender's key. */
  read(from: string, data: unknown): UnprovenSignal | null {
    const sealed = parseSigned(data);
    if (!sealed) return null;
    const key = fromHex(sealed.key);
    if (peerIdOf(key) !== from) return null;
    const parsed = parseJson(sealed.body);
    const signal = parsePeerSignal(parsed);
    if (!signal) return null;
    const control = (parsed as { control?: unknown }).control === CONTROL_VERSION;
    const { count, body, signature } = sealed;
    const proven = (): boolean => ed25519Verify(fromHex(signature), this.#statement(from, this.#identity.peerId, count, body), key);
    return { signal, count, control, proven };
  }

  #statement(from: string, to: string, count: number, body: string): Uint8Array {
    return concatBytes(utf8('tabchain signal 1\n'), this.#room, fromHex(from), fromHex(to), bigIntToBytes(BigInt(count), 8), utf8(body));
  }
}

function parseSigned(value: unknown): SignedSignal | null {
  if (typeof value !== 'object' || value === null) return null;
  const { key, count, body, signature } = value as Record<string, unknown>;
  if (!isHex(key, ED25519_PUBLIC_BYTES) || !isHex(signature, ED25519_SIGNATURE_BYTES)) return null;
  if (!Number.isSafeInteger(count) || (count as number) < 1) return null;
  if (typeof body !== 'string' || body.length > MAX_SIGNAL_BODY_LENGTH) return null;
  return { key, count: count as number, body, signature };
}

function isHex(value: unknown, bytes: number): value is string {
  return typeof value === 'string' && value.length === 2 * bytes && HEX.test(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
