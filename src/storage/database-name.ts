/** Name of the IndexedDB database of one account on one network. */
export function databaseName(networkId: string, address: string): string {
  return `tabchain:${networkId.slice(0, 16)}:${address}`;
}
