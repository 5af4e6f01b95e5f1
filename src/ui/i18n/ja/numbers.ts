const format = new Intl.NumberFormat('ja');

/** A number with digit groups: 1234567 → "1,234,567". */
export const number = (n: number): string => format.format(n);
