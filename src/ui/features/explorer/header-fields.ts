import type { BlockInfo, HeaderChange } from '../../../api/api.ts';

/** A field of the header that a trial may change. */
export type FieldName = Exclude<keyof HeaderChange, 'nonce'>;

/** How the bytes of a field are read: a number with its highest byte first, a digest, or an address. */
export type Reading = 'number' | 'digest' | 'address';

export interface HeaderField {
  readonly name: FieldName;
  readonly offset: number;
  readonly bytes: number;
  readonly reading: Reading;
}

/** The fields in the order of their bytes (PROTOCOL.md, section 7). */
export const HEADER_FIELDS: readonly HeaderField[] = (
  [
    ['version', 4, 'number'],
    ['height', 4, 'number'],
    ['previous', 32, 'digest'],
    ['historyRoot', 32, 'digest'],
    ['transactionRoot', 32, 'digest'],
    ['stateRoot', 32, 'digest'],
    ['time', 8, 'number'],
    ['bits', 4, 'number'],
    ['supply', 8, 'number'],
    ['miner', 20, 'address'],
  ] as const
).reduce<HeaderField[]>((fields, [name, bytes, reading]) => {
  const last = fields.at(-1);
  return [...fields, { name, bytes, reading, offset: last ? last.offset + last.bytes : 0 }];
}, []);

/** The field's bytes in a header, both hexadecimal. */
export function fieldBytes(header: string, { offset, bytes }: HeaderField): string {
  return header.slice(2 * offset, 2 * (offset + bytes));
}

/** Hexadecimal in groups of four bytes, where a line may break. */
export function byteGroups(hex: string): string[] {
  return hex.match(/.{1,8}/g) ?? [];
}

/** The values of a block as a trial takes them. */
export function fieldTexts(block: BlockInfo): Readonly<Record<FieldName | 'nonce', string>> {
  return {
    version: String(block.version),
    height: String(block.height),
    previous: block.previous,
    historyRoot: block.historyRoot,
    transactionRoot: block.transactionRoot,
    stateRoot: block.stateRoot,
    time: String(block.time),
    bits: block.bits,
    supply: block.supply,
    miner: block.miner.name ?? block.miner.address,
    nonce: block.nonce,
  };
}

const NUMBERS = ['version', 'height', 'time'] as const satisfies readonly FieldName[];

/** The change that a typed text makes to a field. A text that is no number goes to the node as it is, and the node says what is wrong. */
export function headerChange(name: FieldName | 'nonce', text: string): HeaderChange {
  const isNumber = NUMBERS.some((each) => each === name) && /^\d{1,16}$/.test(text.trim());
  return { [name]: isNumber ? Number(text) : text };
}
