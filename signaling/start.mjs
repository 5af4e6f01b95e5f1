/** `npm start`: from a fresh clone to a served page; with `--signaling-only` to a signaling server without one. */
import { ensureBuilt, ensureInstalled, ensureNode, ensureServerBuilt } from './bootstrap.mjs';

ensureNode();
ensureInstalled();
if (!process.argv.includes('--signaling-only')) ensureBuilt();
ensureServerBuilt();
await import('./run.mjs');
