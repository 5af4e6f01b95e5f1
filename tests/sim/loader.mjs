/** Lets Node read `import text from './file.sql?raw'` as the bundler does, and puts in a deliberate fault where one is asked for. */
import { register } from 'node:module';

const at = process.argv.indexOf('--mutation');
register('./loader-hooks.mjs', import.meta.url, { data: { mutation: at > 0 ? process.argv[at + 1] : null } });
