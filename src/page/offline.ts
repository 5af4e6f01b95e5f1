/** Opening the page takes a class's whole network; files for later come afterwards. */
const AFTER_START_MS = 6_000;

/**
 * Keeps the page's files on this device for a time without server, where the browser can: on https and localhost. Private windows and blocked
 * site data refuse; the page then works as before, as long as its server does.
 */
export function keepForOffline(): void {
  // Undefined on plain http, although the types say otherwise. The development server has no built files.
  const container = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  if (!container || import.meta.env.DEV) return;
  setTimeout(() => void container.register('./service-worker.js', { updateViaCache: 'none' }).catch(() => undefined), AFTER_START_MS);
}
