/** `npm start`: from a fresh clone to a served page. */
import { ensureBuilt, ensureInstalled, ensureNode, ensureServerBuilt } from './bootstrap.mjs';

ensureNode();
ensureInstalled();
ensureBuilt();
ensureServerBuilt();
await import('./run.mjs');
