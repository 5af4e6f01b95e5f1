/** `npm start`: installs, builds and serves the page. With `--signaling-only`, runs the signaling server without a page. */
import { ensureBuilt, ensureInstalled, ensureNode, ensureServerBuilt } from './bootstrap.mjs';

ensureNode();
ensureInstalled();
if (!process.argv.includes('--signaling-only')) ensureBuilt();
ensureServerBuilt();
await import('./run.mjs');
