/** The part of Network Information (WICG) that this file uses; Chromium has it, and Firefox on phones. */
interface Connection extends EventTarget {
  readonly type?: string;
}

export interface WakeSources {
  readonly window: EventTarget;
  readonly document: EventTarget & { readonly hidden: boolean };
  readonly connection: Connection | undefined;
}

/** The events of this page. */
export const pageSources = (): WakeSources => ({
  window,
  document,
  connection: (navigator as { connection?: Connection }).connection,
});

/**
 * Calls `tell` whenever the browser gives a reason to doubt the connections, as long as the page lives.
 * @param tell `stale`: new blocks may have been missed meanwhile
 */
export function watchWakes({ window, document, connection }: WakeSources, tell: (stale: boolean) => void): void {
  window.addEventListener('online', () => tell(true));
  // The page was frozen, or comes back from the browser's page cache.
  document.addEventListener('resume', () => tell(true));
  window.addEventListener('pageshow', (event) => (event as PageTransitionEvent).persisted && tell(true));
  // A visible page may have been frozen without an event.
  document.addEventListener('visibilitychange', () => !document.hidden && tell(false));
  // Without an offline moment between two networks. The browser reports a changed speed by the same event.
  let type = connection?.type;
  connection?.addEventListener?.('change', () => {
    tell(connection.type !== type);
    type = connection.type;
  });
}
