import { addressOfModulus, addressText } from '../crypto/address.ts';
import { generateKeyPair } from '../crypto/rsa/keys.ts';
import type { RsaEnv } from '../crypto/rsa/subtle.ts';
import { TabchainError } from '../util/errors.ts';
import type { AccountKeys } from './account-keys.ts';
import { encryptKeyFile, KEY_FILE_ITERATIONS, keyFileIterations, keyFileLink, openKeyFile } from './keyfile.ts';
import { assertNewPassphrase, assertPassphrase, MIN_PASSPHRASE_CHARACTERS } from './passphrase.ts';

/** Work on keys that takes long enough to need its own thread. */
export type KeyTask =
  /** New keys, or `existing` ones under another name or passphrase, and their key file. */
  | {
      readonly kind: 'create';
      readonly name: string;
      readonly networkId: string;
      /** The whole link of the network's page. */
      readonly link?: string | null;
      readonly passphrase: string;
      readonly existing: AccountKeys | null;
    }
  | {
      readonly kind: 'open';
      readonly pem: string;
      readonly passphrase: string;
      /** Whether a file that takes long to open is refused, with the time that it would take. */
      readonly refuseSlow?: boolean;
    };

export interface KeyTaskResult {
  readonly keys: AccountKeys;
  /** Bech32m text. */
  readonly address: string;
  /** From the key file's preamble; null if missing. */
  readonly name: string | null;
  readonly networkId: string | null;
  /** The key file to keep: a weakly encrypted key file is encrypted again. */
  readonly pem: string;
}

/** Rounds accepted without asking: a second with WebCrypto, seven without. Ten million, the maximum, takes half a minute without. */
const UNASKED_ITERATIONS = 2_000_000;
/** PBKDF2-HMAC-SHA256 on an average machine (tests/bench); `slow` is noble, where WebCrypto is missing. */
const ITERATIONS_PER_SECOND = { fast: 4_000_000, slow: 300_000 };

/** `fraction` is null if the step's progress is unknown. */
export type KeyProgress = (step: 'keys' | 'encrypt' | 'decrypt', fraction: number | null) => void;

/**
 * Runs one task on this thread: 0.4 s with WebCrypto; without WebCrypto about 3 s to create and 2 s to open.
 * @throws TabchainError `passphrase-too-short`, `passphrase-too-long`, `passphrase-common`, `passphrase-wrong`, `key-file-invalid`,
 *   `key-file-slow`
 */
export async function runKeyTask(task: KeyTask, env: RsaEnv, progress: KeyProgress = () => undefined): Promise<KeyTaskResult> {
  return task.kind === 'create' ? create(task, env, progress) : open(task, env, progress);
}

async function create(task: KeyTask & { kind: 'create' }, env: RsaEnv, progress: KeyProgress): Promise<KeyTaskResult> {
  if (task.existing) assertPassphrase(task.passphrase);
  else assertNewPassphrase(task.passphrase, task.name);
  const keys = task.existing ?? (await generateKeys(env, progress));
  progress('encrypt', null);
  const { name, networkId, link = null } = task;
  const pem = await encryptKeyFile({ ...keys, name, networkId, link }, task.passphrase, env);
  return { keys, name, networkId, pem, address: addressText(addressOfModulus(keys.signing.modulus)) };
}

async function open(task: KeyTask & { kind: 'open' }, env: RsaEnv, progress: KeyProgress): Promise<KeyTaskResult> {
  if (task.refuseSlow) assertQuick(keyFileIterations(task.pem), env);
  progress('decrypt', null);
  const opened = await openKeyFile(task.pem, task.passphrase, env.subtle);
  const { name, networkId, signing, encryption, address, iterations, passphrase } = opened;
  const keys: AccountKeys = { signing, encryption };
  const result = { keys, name, networkId, address: addressText(address) };
  const strong = iterations >= KEY_FILE_ITERATIONS || [...passphrase].length < MIN_PASSPHRASE_CHARACTERS;
  if (strong) return { ...result, pem: task.pem };
  progress('encrypt', null);
  return { ...result, pem: await encryptKeyFile({ ...keys, name, networkId, link: keyFileLink(task.pem) }, passphrase, env) };
}

function assertQuick(iterations: number, { subtle }: RsaEnv): void {
  if (iterations <= UNASKED_ITERATIONS) return;
  const seconds = Math.ceil(iterations / (subtle ? ITERATIONS_PER_SECOND.fast : ITERATIONS_PER_SECOND.slow));
  throw new TabchainError('key-file-slow', `Opening this key file takes ${iterations} rounds, about ${seconds} seconds here.`, {
    iterations,
    seconds,
  });
}

async function generateKeys(env: RsaEnv, progress: KeyProgress): Promise<AccountKeys> {
  progress('keys', 0);
  const signing = await generateKeyPair(env, () => progress('keys', 0.25));
  progress('keys', 0.5);
  return { signing, encryption: await generateKeyPair(env, () => progress('keys', 0.75)) };
}
