import { askHostLinks } from './page/host-links.ts';
import { keepForOffline } from './page/offline.ts';
import { createPageNode } from './page/page-node.ts';
import { fetchPack } from './ui/i18n/languages.ts';
import { preferredLanguage } from './ui/state/stored-preferences.ts';
import { pathNote, tidyLink } from './protocol/link-repair.ts';

// The node and the interface both read the address, so repair it before either starts.
const link = tidyLink(location);
if (link.hash !== location.hash || link.search !== location.search) {
  history.replaceState(null, '', location.pathname + link.search + link.hash);
}

/** The page: one node, its console API, and the interface on top of the same API. */
const hosted = askHostLinks();
const api = createPageNode(hosted);
Object.defineProperty(window, 'tabchain', { value: api, enumerable: true });

keepForOffline();

const target = document.getElementById('app');
if (target) void show(target);

/** Loads the interface, four fifths of the page's code, and the texts of one language, while the node already opens in its worker. */
async function show(target: HTMLElement): Promise<void> {
  const path = pathNote(location.pathname, link.hash);
  try {
    const language = preferredLanguage();
    const [{ mountApp }, pack] = await Promise.all([import('./ui/mount.ts'), fetchPack(language)]);
    mountApp(target, api, {
      language,
      pack,
      linkNotes: path === null ? link.notes : [...link.notes, path],
      lanLinks: hosted.then(({ lan }) => lan),
    });
  } catch (error) {
    // In all languages, because the texts did not load.
    target.textContent =
      '網頁的一部分無法載入，請重新載入。 A part of this page could not be loaded. Reload the page. ページの一部を読み込めませんでした。再読み込みしてください。';
    throw error;
  }
}
