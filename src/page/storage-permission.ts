/**
 * Asks the browser to keep this site's data when the disk gets full; Firefox may ask the user. Only a page can ask, not a worker,
 * and not on plain http. No caller waits for the answer, because Chromium may wipe a database even after it agreed.
 */
export function askForPersistentStorage(): void {
  const storage = navigator.storage as StorageManager | undefined;
  storage?.persist?.().catch(() => undefined);
}
