import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type HtmlTagDescriptor, type Plugin, type Rolldown } from 'vite';
import { compression, defineAlgorithm } from 'vite-plugin-compression2';
import { licences } from './signaling/licences-plugin.ts';
import { offline } from './signaling/offline-plugin.ts';
import { policyPlugin } from './signaling/policy-plugin.ts';
import { signalingPlugin } from './signaling/vite-plugin.ts';
import { PROTOCOL_VERSION } from './src/protocol/version.ts';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * Code that an entry shares with a chunk loaded later gets a chunk of its own, so that no chunk imports an entry. WebKit evaluates a
 * worker's entry a second time when a chunk imports it: two nodes would run in one worker, and each would answer half of the calls.
 */
const SHARED_CODE_APART: Rolldown.CodeSplittingOptions = {
  groups: [{ name: (id, context) => (isShared(id, context) ? 'shared' : null), priority: 1 }],
};

const INTERFACE = at('src/ui/mount.ts');

/** One chunk has all that the first page of a visit needs of the interface: forty small files would cost 40 kB of headers and worse compression. */
const PAGE_CHUNKS: Rolldown.CodeSplittingOptions = {
  groups: [...SHARED_CODE_APART.groups!, { name: (id, context) => (importersOf(id, context).has(INTERFACE) ? 'interface' : null) }],
};

/** A module and all modules that import it without delay, directly or not. */
function importersOf(id: string, context: Rolldown.ChunkingContext): Set<string> {
  const found = new Set([id]);
  for (const module of found) for (const importer of context.getModuleInfo(module)?.importers ?? []) found.add(importer);
  return found;
}

/** Whether static imports lead to a module both from an entry and from a module that is loaded later. */
function isShared(id: string, context: Rolldown.ChunkingContext): boolean {
  if (context.getModuleInfo(id)?.isEntry) return false;
  const above = [...importersOf(id, context)].map((module) => context.getModuleInfo(module));
  return above.some((info) => info?.isEntry) && above.some((info) => (info?.dynamicImporters.length ?? 0) > 0);
}

/** Content blockers refuse scripts by their names, "miner" before all others. Which worker is which only its content tells. */
const NEUTRAL_NAMES = { entryFileNames: 'assets/part-[hash].js', chunkFileNames: 'assets/part-[hash].js' };

/** Lets the browser fetch the interface beside the entry, which asks for it only when it runs: a visit from afar saves one round trip. */
const preloadInterface: Plugin = {
  name: 'preload-interface',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    handler(_html, { bundle }) {
      const chunk = Object.values(bundle ?? {}).find((output) => output.type === 'chunk' && output.moduleIds.includes(INTERFACE));
      if (chunk?.type !== 'chunk') throw new TypeError('The interface is no chunk of its own.');
      const styles = [...(chunk.viteMetadata?.importedCss ?? [])];
      const preload = (rel: string, file: string, as: Record<string, string> = {}): HtmlTagDescriptor => ({
        tag: 'link',
        attrs: { rel, crossorigin: true, href: `./${file}`, ...as },
        injectTo: 'head',
      });
      return [preload('modulepreload', chunk.fileName), ...styles.map((file) => preload('preload', file, { as: 'style' }))];
    },
  },
};

/**
 * What a static host says in answer to the page's questions about links: nothing, until its owner edits the file. `npm start` answers itself
 * (signaling/page-files.ts).
 */
const linksFile: Plugin = {
  name: 'links-file',
  apply: 'build',
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'links.json', source: JSON.stringify({ lan: [], iceServers: [] }) });
  },
};

const licencesOf = licences();

/** Beside each file that gains by it, its forms for browsers that take them; signaling/page-store.ts serves them. */
const compressed = compression({
  algorithms: [defineAlgorithm('brotliCompress'), defineAlgorithm('gzip', { level: 9 })],
  include: /\.(html|css|js|wasm|json|webmanifest|svg|md)$/,
  threshold: 1_024,
});

export default defineConfig({
  root: at('src'),
  publicDir: at('public'),
  cacheDir: at('node_modules/.vite'),
  base: './',
  plugins: [
    svelte({ configFile: false }),
    signalingPlugin(),
    policyPlugin(),
    preloadInterface,
    linksFile,
    offline(at('src/page/offline.worker.ts'), licencesOf.worker, { protocol: PROTOCOL_VERSION }),
    licencesOf.page,
    compressed,
  ],
  resolve: {
    // Of these packages simple-peer uses little. Whole, they would be four fifths of the code of a link.
    alias: [
      { find: /^(readable-stream|buffer)$/, replacement: at('src/webrtc/simple-peer-parts/stream.ts') },
      { find: /^(randombytes|debug)$/, replacement: at('src/webrtc/simple-peer-parts/$1.ts') },
    ],
  },
  // Found late, these would make the dev server reload the page and drop every peer.
  optimizeDeps: {
    include: [
      'simple-peer',
      'sql.js',
      'node-forge/lib/forge.js',
      'node-forge/lib/rsa.js',
      'uqr',
      'qr/decode.js',
      '@scure/base',
      '@noble/hashes/sha2.js',
      '@noble/hashes/hkdf.js',
      '@noble/ciphers/chacha.js',
      '@noble/hashes/pbkdf2.js',
      'bigint-mod-arith',
    ],
  },
  worker: {
    format: 'es',
    plugins: () => [licencesOf.worker()],
    rolldownOptions: { output: { ...NEUTRAL_NAMES, codeSplitting: SHARED_CODE_APART } },
  },
  build: { outDir: at('dist'), emptyOutDir: true, target: 'es2022', rolldownOptions: { output: { codeSplitting: PAGE_CHUNKS } } },
});
