/**
 * Asks the browser to keep this site's data when the disk gets full; Firefox may ask the person. Only the page can, not a worker,
 * and not on plain http. The answer changes nothing here, so nobody waits for it: Chromium may wipe a database for which it said yes.
 */
export function askForPersistentStorage(): void {
  const storage = navigator.storage as StorageManager | undefined;
  storage?.persist?.().catch(() => undefined);
}
