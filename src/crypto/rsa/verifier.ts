import { compareBytes, toHex } from '../../util/bytes.ts';
import { LruMap } from './lru.ts';
import { isModulus, MODULUS_BYTES } from './modulus.ts';
import { publicKeyDer } from './private-key.ts';
import { isStrict } from './probe.ts';
import { SIGNING_ALGORITHM, unshared } from './subtle.ts';
import { verifyPkcs1 } from './verify.ts';

/** One signature to check. */
export interface SignatureItem {
  /** Cache key that commits to modulus, message and signature, e.g. the id of the transaction that holds all three. */
  readonly key: string;
  readonly modulus: Uint8Array;
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/** Checks signatures by the consensus rule; every implementation gives the same answer. */
export interface SignatureVerifier {
  /** The answer now: from the cache, else computed on this thread (about 0.1 ms). */
  verify(item: SignatureItem): boolean;
  /** Checks many ahead by the fastest means and keeps the answers for {@link verify}. Never rejects. */
  warm(items: readonly SignatureItem[]): Promise<void>;
}

/** Answers kept: several full blocks and the mempool; about 4 MB of ids. */
const MAX_ANSWERS = 20_000;
/** Imported keys kept: the accounts active at one time; an import costs as much as a verification. */
const MAX_KEYS = 1_000;
/** Calls to WebCrypto under way at once: enough to keep its threads busy, few enough to bound the memory. */
const MAX_IN_FLIGHT = 256;

/** Verifies in BigInt alone, at once and in order: for the simulator, where WebCrypto's order of completion would be chance. */
export function createBigIntVerifier(): SignatureVerifier {
  const verifier = new CachingVerifier(null);
  return {
    verify: (item) => verifier.verify(item),
    warm: (items) => {
      for (const item of items) verifier.verify(item);
      return Promise.resolve();
    },
  };
}

/** The verifier of a node. `subtle` null (plain http): BigInt alone, whose answers do not differ. */
export function createVerifier({ subtle }: { subtle: SubtleCrypto | null }): SignatureVerifier {
  return subtle ? new CachingVerifier(subtle) : createBigIntVerifier();
}

class CachingVerifier implements SignatureVerifier {
  readonly #subtle: SubtleCrypto | null;
  readonly #answers = new LruMap<string, boolean>(MAX_ANSWERS);
  readonly #keys = new LruMap<string, Promise<CryptoKey>>(MAX_KEYS);
  #strict: Promise<boolean> | null = null;

  constructor(subtle: SubtleCrypto | null) {
    this.#subtle = subtle;
  }

  verify(item: SignatureItem): boolean {
    const known = this.#answers.get(item.key);
    if (known !== undefined) return known;
    const answer = verifyPkcs1(item.modulus, item.message, item.signature);
    this.#answers.set(item.key, answer);
    return answer;
  }

  async warm(items: readonly SignatureItem[]): Promise<void> {
    const subtle = this.#subtle;
    if (!subtle) return;
    this.#strict ??= isStrict(subtle);
    // A platform that is not strict is never asked: verify() then computes each answer when it is needed.
    if (!(await this.#strict)) return;
    const waiting = items.filter((item) => !this.#answers.has(item.key));
    for (let start = 0; start < waiting.length; start += MAX_IN_FLIGHT) {
      await Promise.all(waiting.slice(start, start + MAX_IN_FLIGHT).map((item) => this.#warmOne(subtle, item)));
    }
  }

  async #warmOne(subtle: SubtleCrypto, item: SignatureItem): Promise<void> {
    const { key: id, modulus, message, signature } = item;
    // What is refused before any arithmetic needs no platform; with these gone, only the encoding is left for it to judge.
    if (!isModulus(modulus) || signature.length !== MODULUS_BYTES || compareBytes(signature, modulus) >= 0) return;
    try {
      const key = await this.#importKey(subtle, modulus);
      this.#answers.set(id, await subtle.verify(SIGNING_ALGORITHM.name, key, unshared(signature), unshared(message)));
    } catch {
      // A key that the platform refuses is not thereby invalid: verify() decides, as on every other platform.
    }
  }

  #importKey(subtle: SubtleCrypto, modulus: Uint8Array): Promise<CryptoKey> {
    const id = toHex(modulus);
    const known = this.#keys.get(id);
    if (known) return known;
    const imported = subtle.importKey('spki', unshared(publicKeyDer(modulus)), SIGNING_ALGORITHM, false, ['verify']);
    this.#keys.set(id, imported);
    return imported;
  }
}
