import { expandBits, workOfTarget } from '../protocol/target.ts';
import type { DecodedTransaction, Registration } from '../protocol/transaction.ts';
import { errorCode } from '../util/errors.ts';
import type { MiningPool } from '../miner/pool.ts';
import type { AccountKeys } from '../wallet/account-keys.ts';
import { buildRegistration } from '../wallet/builder.ts';
import type { Env } from './env.ts';
import type { Ledger } from './ledger.ts';

/** While the registration pool is full, the search for more work than the network requires takes at most this long. */
export const STAMP_PATIENCE_MS = 30_000;

/** Called while a registration is made. `fraction` is null where the progress is unknown. */
type StepListener = (step: 'stamp' | 'sign', fraction: number | null) => void;

/**
 * Finds a stamp that gets its registration a place. While other nodes' pools are full, the stamp needs more work than their last
 * registration. If the search does not find that in time, the stamp has the work that the network requires. The registration then waits in
 * this node until other nodes have room.
 * @param hash the hash to be stamped
 * @throws TabchainError the errors of the search
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
      // The share of searches that end within this number of hashes: the search has no memory.
      onProgress: (hashes) => onProgress(1 - Math.exp(-hashes / expected)),
    });
  } catch (error) {
    if (errorCode(error) === 'search-cancelled') return enough;
    throw error;
  } finally {
    timers.clear(timer);
  }
}

/** Finds the stamp of an account's registration and signs it. Takes seconds and changes no state. @throws TabchainError `name-invalid` */
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
