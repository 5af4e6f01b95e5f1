import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { signalingPlugin } from './signaling/vite-plugin.ts';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: at('src'),
  publicDir: at('public'),
  cacheDir: at('node_modules/.vite'),
  base: './',
  plugins: [svelte({ configFile: false }), signalingPlugin()],
  resolve: {
    // simple-peer's entry wants Node's globals; its own browser bundle does not.
    alias: [{ find: /^simple-peer$/, replacement: 'simple-peer/simplepeer.min.js' }],
  },
  // Found late, these would make the dev server reload the page and drop every peer.
  optimizeDeps: {
    include: [
      'simple-peer',
      'sql.js',
      'node-forge/lib/forge.js',
      'node-forge/lib/rsa.js',
      'uqr',
      'idb',
      '@scure/base',
      '@noble/hashes/sha2.js',
      '@noble/hashes/pbkdf2.js',
    ],
  },
  worker: { format: 'es' },
  build: { outDir: at('dist'), emptyOutDir: true, target: 'es2022' },
});
