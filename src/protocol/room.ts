import { sha256, sha256d } from '../crypto/hash.ts';
import { merkleRoot } from '../crypto/merkle.ts';
import { fromHex, reversedBytes, toHex } from '../util/bytes.ts';
import { Writer } from './codec.ts';
import type { NetworkParameters } from './network.ts';

/** The parameters that version 1 knew. */
type FirstParameters = Pick<
  NetworkParameters,
  'label' | 'blockTimeMs' | 'subsidy' | 'halvingInterval' | 'maxBlockBytes' | 'powLimitBits' | 'stampBits' | 'genesisTimeMs'
>;

/** State root of no accounts in version 1. */
const FIRST_STATE_ROOT = fromHex('7bbcd27ae0b8f5d7c013dc6d13a2e586b58f83eac62aa62aa56f332288ad8bf4');
const ZEROS = new Uint8Array(32);
const ADDRESS_BYTES = 20;
const NONCE_BYTES = 20;

/**
 * The room where the tabs of one link meet, 64 hexadecimal digits: the id that version 1 gives the network. All versions use this room.
 * The id of the network differs between versions, so a room named by that id would hide newer tabs from older tabs. Nothing in this file
 * may follow a change of parameters or blocks.
 */
export function roomOf(parameters: FirstParameters): string {
  const header = new Writer()
    .u32(1)
    .u32(0)
    .raw(ZEROS)
    .raw(merkleRoot([firstParameterBytes(parameters)]))
    .raw(FIRST_STATE_ROOT)
    .u53(parameters.genesisTimeMs)
    .u32(parameters.powLimitBits)
    .raw(ZEROS.subarray(0, ADDRESS_BYTES));
  return toHex(reversedBytes(sha256d(sha256(header.finish()), ZEROS.subarray(0, NONCE_BYTES))));
}

function firstParameterBytes(p: FirstParameters): Uint8Array {
  return new Writer()
    .text8(p.label)
    .u53(p.blockTimeMs)
    .u53(p.subsidy)
    .u53(p.halvingInterval)
    .u53(p.maxBlockBytes)
    .u32(p.powLimitBits)
    .u32(p.stampBits)
    .u53(p.genesisTimeMs)
    .finish();
}
