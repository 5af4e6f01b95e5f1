/** Columns whose values lead to a page, by their usual names. A statement may name a column as it likes; then there is no link. */
const HEIGHT = /^(?:height|block|(?:first|last|registered)_(?:height|block)|(?:min|max)\(height\))$/i;
const NAME = /^(?:name|(?:miner|sender|recipient)(?:_name)?)$/i;
const TXID = /^txid$/i;
const BLOCK_ID = /^(?:id|previous|block_id|tip)$/i;

const HEX = /^[0-9a-f]{64}$/;
const ADDRESS = /^tab1[02-9ac-hj-np-z]{38}$/;
const USER_NAME = /^[a-z][a-z0-9_]{1,19}$/;

/** The route of the page about a value; null where there is none. */
export function cellPath(column: string, value: string | number | null): string | null {
  if (typeof value === 'number') return HEIGHT.test(column) && Number.isSafeInteger(value) && value >= 0 ? `/blocks/${value}` : null;
  if (value === null) return null;
  if (ADDRESS.test(value)) return `/account/${value}`;
  if (TXID.test(column) && HEX.test(value)) return `/tx/${value}`;
  if (BLOCK_ID.test(column) && HEX.test(value)) return `/blocks/${value}`;
  return NAME.test(column) && USER_NAME.test(value) ? `/account/${value}` : null;
}
