/** `npm start`: from a fresh clone to a served page. */
import { ensureBuilt, ensureInstalled, ensureNode } from './bootstrap.mjs';

ensureNode();
ensureInstalled();
ensureBuilt();

const { register } = await import('tsx/esm/api');
register();
await import('./server.ts');
