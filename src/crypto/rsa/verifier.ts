import { BoundedMap } from '../../util/bounded-map.ts';
import { compareBytes, equalBytes, toHex } from '../../util/bytes.ts';
import { Semaphore } from '../../util/semaphore.ts';
import { isModulus, MODULUS_BYTES } from './modulus.ts';
import { isStrict } from './probe.ts';
import { importVerifyingKey, SIGNING_ALGORITHM, unshared } from './subtle.ts';
import { VerifyingKey } from './verify.ts';

/** One signature to check. */
export interface SignatureItem {
  /** Commits to message and signature, e.g. the id of the transaction that holds both. The verifier also compares the modulus. */
  readonly key: string;
  readonly modulus: Uint8Array;
  /** Read only if no answer is known, so a getter may compute the message. */
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/** Checks signatures by the consensus rule; every implementation gives the same answer. */
export interface SignatureVerifier {
  /** The answer at once, from the cache or computed on this thread (about 0.05 ms). */
  verify(item: SignatureItem): boolean;
  /** Checks many signatures ahead in the fastest way and caches the answers for {@link verify}. Never rejects. */
  prefetch(items: readonly SignatureItem[]): Promise<void>;
}

/** Cached answers, enough for several full blocks and the mempool; about 5 MB of keys. */
const MAX_ANSWERS = 20_000;
/** Prepared keys, enough for the accounts active at one time; about 10 MB. Preparing a key costs up to as much as a verification. */
const MAX_KEYS = 4_000;
/** Leading bytes of a modulus that are its key in the cache. Only moduli made for the purpose collide, and a collision only costs time. */
const TELLING_BYTES = 16;
/** Concurrent calls to WebCrypto: enough to keep its threads busy, few enough to bound the memory. */
const MAX_IN_FLIGHT = 256;

/** Verifies only with BigInt, at once and in order; for the simulator, because WebCrypto's order of completion is random. */
export function createBigIntVerifier(): SignatureVerifier {
  const verifier = new CachingVerifier(null);
  return {
    verify: (item) => verifier.verify(item),
    prefetch: (items) => {
      for (const item of items) verifier.verify(item);
      return Promise.resolve();
    },
  };
}

/**
 * The verifier of a node. With `subtle` null (plain http), BigInt alone gives the same answers. BigInt runs on this thread, because
 * signatures are a quarter of its work while a chain comes in. Helper threads could gain no more on two cores, which page and disk
 * share.
 */
export function createVerifier({ subtle }: { subtle: SubtleCrypto | null }): SignatureVerifier {
  return subtle ? new CachingVerifier(subtle) : createBigIntVerifier();
}

class CachingVerifier implements SignatureVerifier {
  readonly #subtle: SubtleCrypto | null;
  readonly #answers = new BoundedMap<string, { readonly modulus: Uint8Array; readonly valid: boolean }>(MAX_ANSWERS);
  readonly #imported = new KeyCache<Promise<CryptoKey>>();
  readonly #ready = new KeyCache<VerifyingKey>();
  /** Prefetches under way, by key, because several blocks may be prefetched at once, and one block twice. */
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #slots = new Semaphore(MAX_IN_FLIGHT);
  #strict: Promise<boolean> | null = null;

  constructor(subtle: SubtleCrypto | null) {
    this.#subtle = subtle;
  }

  verify(item: SignatureItem): boolean {
    const known = this.#answer(item);
    if (known !== undefined) return known;
    const { key, modulus, message, signature } = item;
    const valid = isModulus(modulus) && this.#ready.get(modulus, () => new VerifyingKey(modulus)).verify(message, signature);
    this.#answers.set(key, { modulus, valid });
    return valid;
  }

  #answer({ key, modulus }: SignatureItem): boolean | undefined {
    const known = this.#answers.get(key);
    return known && sameBytes(known.modulus, modulus) ? known.valid : undefined;
  }

  async prefetch(items: readonly SignatureItem[]): Promise<void> {
    const subtle = this.#subtle;
    // The strictness check takes 40 ms, so a node that opens without signatures to check does not run it.
    if (!subtle || items.length === 0) return;
    this.#strict ??= isStrict(subtle);
    // A platform that is not strict is not used: verify() then computes each answer when needed.
    if (!(await this.#strict)) return;
    const waiting = items.filter((item) => isWellFormed(item) && this.#answer(item) === undefined);
    await Promise.all(waiting.map((item) => this.#underWay.get(item.key) ?? this.#begin(subtle, item)));
  }

  #begin(subtle: SubtleCrypto, item: SignatureItem): Promise<void> {
    const done = this.#prefetchOne(subtle, item);
    this.#underWay.set(item.key, done);
    return done;
  }

  async #prefetchOne(subtle: SubtleCrypto, { key: id, modulus, message, signature }: SignatureItem): Promise<void> {
    await this.#slots.take();
    try {
      const key = await this.#imported.get(modulus, () => importVerifyingKey(subtle, modulus));
      const valid = await subtle.verify(SIGNING_ALGORITHM.name, key, unshared(signature), unshared(message));
      this.#answers.set(id, { modulus, valid });
    } catch {
      // A key that the platform refuses may still be valid: verify() decides, as on every other platform.
    } finally {
      this.#slots.release();
      this.#underWay.delete(id);
    }
  }
}

/** Caches the key made from each modulus; drops the oldest when full. */
class KeyCache<T> {
  readonly #entries = new BoundedMap<string, { readonly modulus: Uint8Array; readonly key: T }>(MAX_KEYS);

  get(modulus: Uint8Array, make: () => T): T {
    const id = toHex(modulus.subarray(0, TELLING_BYTES));
    const known = this.#entries.get(id);
    if (known && sameBytes(known.modulus, modulus)) return known.key;
    const key = make();
    this.#entries.set(id, { modulus, key });
    return key;
  }
}

/** Makes the checks that need no arithmetic, so the platform decides only about the encoding. */
function isWellFormed({ modulus, signature }: SignatureItem): boolean {
  return isModulus(modulus) && signature.length === MODULUS_BYTES && compareBytes(signature, modulus) < 0;
}

/** Compares the references first, because both are usually the account's own array. */
function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a === b || equalBytes(a, b);
}
