/**
 * Lets Node read `import text from './file.sql?raw'` as the bundler does, and applies `--mutation` and `--tight` to the source. The rooms
 * get quick signatures.
 */
import { register } from 'node:module';

const at = process.argv.indexOf('--mutation');
const mutation = at > 0 ? process.argv[at + 1] : null;
register('./loader-hooks.mjs', import.meta.url, {
  data: { mutation, isTight: process.argv.includes('--tight'), isRooms: /[\\/]sim[\\/]rooms[\\/]/.test(process.argv[1] ?? '') },
});
