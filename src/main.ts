import { createPageNode } from './page/page-node.ts';
import { pathNote, tidyLink } from './protocol/link-repair.ts';
import { mountApp } from './ui/mount.ts';

// The node and the interface both read the address, so it is mended before either looks.
const link = tidyLink(location);
if (link.hash !== location.hash || link.search !== location.search) {
  history.replaceState(null, '', location.pathname + link.search + link.hash);
}

/** The page: one node, its console API, and the interface on top of the same API. */
const api = createPageNode();
Object.defineProperty(window, 'tabchain', { value: api, enumerable: true });

const target = document.getElementById('app');
const path = pathNote(location.pathname, link.hash);
if (target) mountApp(target, api, path === null ? link.notes : [...link.notes, path]);
