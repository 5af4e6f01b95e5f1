import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * The server as plain JavaScript. A process that compiles TypeScript as it loads keeps the compiler, some 40 MiB, in its memory for ever.
 * Packages are left where they are. The folder lies beside signaling/, so paths relative to the server's own file lead to the same files.
 */
export default defineConfig({
  root: at('..'),
  publicDir: false,
  build: {
    ssr: at('server.ts'),
    outDir: at('../dist-server'),
    emptyOutDir: true,
    target: 'node20',
    minify: false,
    reportCompressedSize: false,
  },
});
