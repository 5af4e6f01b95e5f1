import { expandBits, workOfTarget } from '../protocol/target.ts';
import type { DecodedTransaction, Registration } from '../protocol/transaction.ts';
import { errorCode } from '../util/errors.ts';
import type { MiningPool } from '../miner/pool.ts';
import type { AccountKeys } from '../wallet/account-keys.ts';
import { buildRegistration } from '../wallet/builder.ts';
import type { Env } from './env.ts';
import type { Ledger } from './ledger.ts';

/** While too many registrations wait, more work than the network asks for is searched for this long at most. */
export const STAMP_PATIENCE_MS = 30_000;

/** Told while a registration is made; `fraction` is null where it cannot be known. */
type StepListener = (step: 'stamp' | 'sign', fraction: number | null) => void;

/**
 * A stamp that gets its registration a place: where too many wait it shows more work than the last of them, and where that is not found
 * in time as much as the network asks for. Then it waits here until others have room.
 * @param hash what is stamped
 * @throws TabchainError as the search does
 */
export async function findStamp(
  { timers }: Pick<Env, 'timers'>,
  pool: Pick<MiningPool, 'findSeal'>,
  hash: Uint8Array,
  targets: { readonly required: bigint; readonly wanted: bigint },
  onProgress: (fraction: number | null) => void,
): Promise<Uint8Array> {
  const { required, wanted } = targets;
  if (wanted >= required) return pool.findSeal(hash, required);
  const enough = await pool.findSeal(hash, required);
  const expected = Number(workOfTarget(wanted));
  const patience = new AbortController();
  const timer = timers.set(() => patience.abort(), STAMP_PATIENCE_MS);
  try {
    return await pool.findSeal(hash, wanted, {
      signal: patience.signal,
      // Chance has no memory: the share of searches that have ended by now.
      onProgress: (hashes) => onProgress(1 - Math.exp(-hashes / expected)),
    });
  } catch (error) {
    if (errorCode(error) === 'search-cancelled') return enough;
    throw error;
  } finally {
    timers.clear(timer);
  }
}

/** Finds the stamp of an account's registration and signs it. Takes seconds and touches nothing. @throws TabchainError `name-invalid` */
export function makeRegistration(
  env: Env,
  { network, mempool }: Ledger,
  pool: MiningPool,
  { name, keys }: { readonly name: string; readonly keys: AccountKeys },
  onStep: StepListener,
): Promise<DecodedTransaction<Registration>> {
  onStep('stamp', null);
  const stamp = async (hash: Uint8Array): Promise<Uint8Array> => {
    const targets = { required: expandBits(network.stampBits), wanted: mempool.stampTarget() };
    const found = await findStamp(env, pool, hash, targets, (fraction) => onStep('stamp', fraction));
    onStep('sign', null);
    return found;
  };
  return buildRegistration({ networkId: network.id, name }, keys, stamp, env.subtle);
}
