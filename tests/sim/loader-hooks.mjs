import { readFile } from 'node:fs/promises';
import { MUTATIONS } from './mutations.mjs';

let mutation = null;

export function initialize({ mutation: name }) {
  mutation = name ? MUTATIONS[name] : null;
  if (name && !mutation) throw new TypeError(`There is no mutation called ${name}.`);
}

export async function resolve(specifier, context, nextResolve) {
  if (!specifier.endsWith('?raw')) return nextResolve(specifier, context);
  return { url: new URL(specifier, context.parentURL).href, format: 'module', shortCircuit: true };
}

export async function load(url, context, nextLoad) {
  if (url.endsWith('?raw')) {
    const text = await readFile(new URL(url.slice(0, -'?raw'.length)), 'utf8');
    return { format: 'module', source: `export default ${JSON.stringify(text)};`, shortCircuit: true };
  }
  const loaded = await nextLoad(url, context);
  if (!mutation || !new URL(url).pathname.endsWith(mutation.file)) return loaded;
  const source = String(loaded.source);
  const mutated = source.replace(mutation.find, mutation.replace);
  if (mutated === source) throw new TypeError(`The mutation finds nothing to change in ${url}.`);
  return { ...loaded, source: mutated };
}
