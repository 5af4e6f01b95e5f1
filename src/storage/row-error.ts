import { TabchainError } from '../util/errors.ts';
import { placeOfKey } from './sql/blocks.ts';

/** The tables whose rows follow from the network's parameters and the blocks. */
export type CheckedTable = 'meta' | 'accounts' | 'blocks' | 'transactions';

/** Every fault of a row in a chain's file, except broken rules, which keep their own codes. */
const FAULTS = {
  'file-row-altered': 'A row does not give the hash that names it: the row was altered.',
  'file-row-differs': 'A row has another value than the blocks give.',
  'file-row-missing': 'A row is missing that the blocks give.',
  'file-row-extra': 'A row follows from no block.',
  'file-damaged': 'SQLite cannot read the file at a row: the file is damaged.',
} as const;

/** A column, the value that the file has there, and the value that the blocks give. */
export interface RowValues {
  readonly column: string;
  readonly found: string;
  readonly expected: string;
}

/** A row of a chain's file is not what the chain gives. */
export class RowError extends TabchainError {
  /** Height of the block that the row belongs to; null for a table beside the blocks. */
  readonly height: number | null;
  /** Position of the transaction in its block; null for other rows. */
  readonly transaction: number | null;
  readonly table: CheckedTable;
  /** Key of the row. */
  readonly row: string;
  readonly values: RowValues | null;

  constructor(code: keyof typeof FAULTS, table: CheckedTable, key: unknown, values: RowValues | null = null) {
    super(code, FAULTS[code]);
    const number = Number(key);
    const place = table === 'transactions' && number >= 0 ? placeOfKey(number) : null;
    this.height = place?.height ?? (table === 'blocks' && number >= 0 ? number : null);
    this.transaction = place?.position ?? null;
    this.table = table;
    this.row = String(key).slice(0, 80);
    this.values = values;
  }
}
