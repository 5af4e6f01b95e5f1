/** Name of the IndexedDB database of one account on one network. */
export function databaseName(networkId: string, address: string): string {
  return `tabchain:${networkId.slice(0, 16)}:${address}`;
}

/** Name of the database beside it, which holds a recent chain while the account's own database lacks blocks. */
export function recentDatabaseName(name: string): string {
  return `${name}:recent`;
}
