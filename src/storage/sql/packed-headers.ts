import { ADDRESS_BYTES, parseAddress } from '../../crypto/address.ts';
import { HASH_BYTES } from '../../crypto/hash.ts';
import { MINER_OFFSET, PREVIOUS_OFFSET, SEALED_HEADER_BYTES } from '../../protocol/block.ts';
import { fromHex } from '../../util/bytes.ts';
import { TabchainError } from '../../util/errors.ts';
import type { PackedHeaders } from '../port.ts';
import type { Sql } from './database.ts';

/** Headers in one part. */
const HEADERS_AT_ONCE = 1_000;

/**
 * SQLite joins the columns of many rows into one blob. The ids of the previous blocks are left out, because they come from the rows
 * themselves. The key of the miner's account row stands in place of the address, which has another form in the database.
 */
const PART = `SELECT count(*), group_concat(id, ''), unhex(group_concat(fields, '')) FROM (
  SELECT id, printf('%08x%08x%064d', version, height, 0) || history_root || transaction_root || state_root ||
    printf('%016x%08x%016x%0${2 * ADDRESS_BYTES}x', time, bits, supply, miner) || nonce AS fields
  FROM blocks WHERE height >= ? ORDER BY height LIMIT ${HEADERS_AT_ONCE})`;

/**
 * {@link ChainStore.packedHeaders}
 * @param previous id of the block below `fromHeight`
 */
export function* packedHeaders(sql: Sql, fromHeight: number, previous: string): Generator<PackedHeaders, void> {
  const addressOf = miners(sql);
  let before = fromHex(previous);
  for (let from = fromHeight; ; from += HEADERS_AT_ONCE) {
    const [count, ids, sealed] = sql.row(PART, [from]) as [number, string | null, Uint8Array | null];
    if (count === 0) return;
    // Whatever an altered row holds, no other row's field moves: the sum of the lengths and each header's hash would have to fit.
    if (ids?.length !== 2 * HASH_BYTES * count || sealed?.length !== SEALED_HEADER_BYTES * count) throw altered();
    const hashes = fromHex(ids);
    const view = new DataView(sealed.buffer, sealed.byteOffset, sealed.byteLength);
    for (let index = 0, at = 0; index < count; index++, at += SEALED_HEADER_BYTES) {
      sealed.set(before, at + PREVIOUS_OFFSET);
      before = hashes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES);
      sealed.set(addressOf(view.getUint32(at + MINER_OFFSET + ADDRESS_BYTES - 4)), at + MINER_OFFSET);
    }
    yield { count, ids, sealed };
  }
}

/** The addresses of account rows, each read once. */
function miners(sql: Sql): (row: number) => Uint8Array {
  const known = new Map<number, Uint8Array>();
  return (row) => {
    let address = known.get(row);
    if (!address) {
      const text = sql.row('SELECT address FROM accounts WHERE id = ?', [row])?.[0];
      if (typeof text !== 'string') throw altered();
      known.set(row, (address = fromHex(parseAddress(text))));
    }
    return address;
  };
}

function altered(): TabchainError {
  return new TabchainError('storage-damaged', 'A stored header was altered.');
}
