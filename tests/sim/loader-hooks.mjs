import { readFile } from 'node:fs/promises';
import { MUTATIONS } from './mutations.mjs';
import { TIGHT } from './tight.mjs';

const QUICK_ED25519 = new URL('./rooms/quick-ed25519.ts', import.meta.url).href;

let mutation = null;
let tight = {};
let isRooms = false;

export function initialize({ mutation: name, isTight, isRooms: areRooms }) {
  isRooms = areRooms;
  mutation = name ? MUTATIONS[name] : null;
  if (name && !mutation) throw new TypeError(`There is no mutation called ${name}.`);
  if (isTight) tight = TIGHT;
}

export async function resolve(specifier, context, nextResolve) {
  if (isRooms && specifier.endsWith('/crypto/ed25519.ts')) return nextResolve(QUICK_ED25519, context);
  if (!specifier.endsWith('?raw')) return nextResolve(specifier, context);
  return { url: new URL(specifier, context.parentURL).href, format: 'module', shortCircuit: true };
}

export async function load(url, context, nextLoad) {
  if (url.endsWith('?raw')) {
    const text = await readFile(new URL(url.slice(0, -'?raw'.length)), 'utf8');
    return { format: 'module', source: `export default ${JSON.stringify(text)};`, shortCircuit: true };
  }
  const loaded = await nextLoad(url, context);
  const changes = changesOf(new URL(url).pathname);
  if (changes.length === 0) return loaded;
  const source = changes.reduce((text, [find, replace]) => changed(url, text, find, replace), String(loaded.source));
  return { ...loaded, source };
}

/** Pairs of a pattern to find and its replacement. */
function changesOf(path) {
  const limits = Object.entries(Object.entries(tight).find(([file]) => path.endsWith(file))?.[1] ?? {});
  const changes = limits.map(([name, value]) => [new RegExp(`(\\bconst ${name}\\s*=\\s*)[^;]+`), `$1${value}`]);
  if (mutation && path.endsWith(mutation.file)) changes.push([mutation.find, mutation.replace]);
  return changes;
}

function changed(url, source, find, replace) {
  const result = source.replace(find, replace);
  if (result === source) throw new TypeError(`There is nothing like ${find} to change in ${url}.`);
  return result;
}
