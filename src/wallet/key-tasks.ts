import { addressOfModulus, addressText } from '../crypto/address.ts';
import { generateKeyPair } from '../crypto/rsa/keys.ts';
import type { RsaEnv } from '../crypto/rsa/subtle.ts';
import type { WireError } from '../util/errors.ts';
import type { AccountKeys } from './account-keys.ts';
import { decryptKeyFile, encryptKeyFile, KEY_FILE_ITERATIONS } from './keyfile.ts';
import { assertPassphrase, MIN_PASSPHRASE_CHARACTERS } from './passphrase.ts';

/** Work on keys that takes long enough to need a thread of its own. */
export type KeyTask =
  /** New keys, or `existing` ones under another name or passphrase, and their key file. */
  | {
      readonly kind: 'create';
      readonly name: string;
      readonly networkId: string;
      readonly passphrase: string;
      readonly existing: AccountKeys | null;
    }
  | { readonly kind: 'open'; readonly pem: string; readonly passphrase: string };

export interface KeyTaskResult {
  readonly keys: AccountKeys;
  /** Bech32m text. */
  readonly address: string;
  /** As the key file says; null where it says nothing. */
  readonly name: string | null;
  readonly networkId: string | null;
  /** The key file to keep: of a weakly encrypted one that was opened, a strong copy. */
  readonly pem: string;
}

/** `fraction` is null where the step cannot tell. */
export type KeyProgress = (step: 'keys' | 'encrypt' | 'decrypt', fraction: number | null) => void;

/** To `keys.worker.ts`. */
export interface KeyRequest {
  readonly id: number;
  readonly task: KeyTask;
}

/** From `keys.worker.ts`: any number of `progress`, then `result` or `error`. */
export type KeyReply =
  | { readonly id: number; readonly type: 'progress'; readonly step: Parameters<KeyProgress>[0]; readonly fraction: number | null }
  | { readonly id: number; readonly type: 'result'; readonly result: KeyTaskResult }
  | { readonly id: number; readonly type: 'error'; readonly error: WireError };

/**
 * Runs one task on this thread: 0.4 s with WebCrypto; without it some 6 s to create (20 at worst) and 2 s to open.
 * @throws TabchainError `passphrase-too-short`, `passphrase-too-long`, `passphrase-wrong`, `key-file-invalid`
 */
export async function runKeyTask(task: KeyTask, env: RsaEnv, progress: KeyProgress = () => undefined): Promise<KeyTaskResult> {
  return task.kind === 'create' ? create(task, env, progress) : open(task, env, progress);
}

async function create(task: KeyTask & { kind: 'create' }, env: RsaEnv, progress: KeyProgress): Promise<KeyTaskResult> {
  assertPassphrase(task.passphrase);
  const keys = task.existing ?? (await generateKeys(env, progress));
  progress('encrypt', null);
  const { name, networkId } = task;
  const pem = await encryptKeyFile({ ...keys, name, networkId }, task.passphrase, env);
  return { keys, name, networkId, pem, address: addressText(addressOfModulus(keys.signing.modulus)) };
}

async function open(task: KeyTask & { kind: 'open' }, env: RsaEnv, progress: KeyProgress): Promise<KeyTaskResult> {
  progress('decrypt', null);
  const { name, networkId, signing, encryption, address, iterations } = await decryptKeyFile(task.pem, task.passphrase, env.subtle);
  const keys: AccountKeys = { signing, encryption };
  const result = { keys, name, networkId, address: addressText(address) };
  const strong = iterations >= KEY_FILE_ITERATIONS || [...task.passphrase].length < MIN_PASSPHRASE_CHARACTERS;
  if (strong) return { ...result, pem: task.pem };
  progress('encrypt', null);
  return { ...result, pem: await encryptKeyFile({ ...keys, name, networkId }, task.passphrase, env) };
}

async function generateKeys(env: RsaEnv, progress: KeyProgress): Promise<AccountKeys> {
  progress('keys', 0);
  const signing = await generateKeyPair(env);
  progress('keys', 0.5);
  return { signing, encryption: await generateKeyPair(env) };
}
