/**
 * The service worker: keeps the files of the page on the device, so the page opens while its server is down. It never answers in the
 * server's place while the server can: a reload brings the server's newest page. It knows nothing of accounts and chains. It shows the
 * notifications that a page asks for, because phones let nobody else, and leads from them to that page.
 */
import { addRoute, cleanupOutdatedCaches, matchPrecache, precache, type PrecacheEntry } from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';
import { followNotice, postNotice, type NoticeBoard } from './notices.ts';

/** Every file of the built page, written in by the build (signaling/offline-plugin.ts). */
declare const PAGE_FILES: PrecacheEntry[];

const scope = self as unknown as ServiceWorkerGlobalScope;

/** The page itself has two kilobytes. A server that takes longer is unreachable, or its network is. */
const SERVER_MS = 4_000;
const PAGE = 'index.html';

/** The page of the server; the stored page where the server does not answer, or only its proxy does. */
async function openPage(request: Request): Promise<Response> {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(SERVER_MS) });
    if (answer.status < 500) return answer;
  } catch {
    // The stored page opens below.
  }
  return (await matchPrecache(PAGE)) ?? Response.error();
}

precache(PAGE_FILES);
cleanupOutdatedCaches();
registerRoute(new NavigationRoute(({ request }) => openPage(request)));
// The page's own address is no stored file: a question to the server about the newest page must reach the server.
addRoute({ directoryIndex: '', cleanURLs: false });

// A new version takes over at once. Nothing depends on the old one: pages that are open have loaded their code, and the rest comes from the server.
scope.addEventListener('install', () => void scope.skipWaiting());
scope.addEventListener('activate', (event) => event.waitUntil(scope.clients.claim()));

const board = scope as unknown as NoticeBoard;
scope.addEventListener('message', (event) => {
  if (event.source instanceof WindowClient) event.waitUntil(postNotice(board, event.data, event.source.id));
});
scope.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(followNotice(board, event.notification.data));
});
