const format = new Intl.NumberFormat('en');

/** A number with digit groups: 1234567 → "1,234,567". */
export const number = (n: number): string => format.format(n);

/** A number with its noun: "1 block", "1,250 blocks". */
export const count = (n: number, one: string, many: string): string => `${number(n)} ${n === 1 ? one : many}`;
