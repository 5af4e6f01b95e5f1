import { createPageNode } from './node/page/page-node.ts';
import { mountApp } from './ui/mount.ts';

/** The page: one node, its console API, and the interface on top of the same API. */
const api = createPageNode();
Object.defineProperty(window, 'tabchain', { value: api, enumerable: true });

const target = document.getElementById('app');
if (target) mountApp(target, api);
