import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/**
 * Builds the server as plain JavaScript, because a process that compiles TypeScript at load time keeps the compiler, some 40 MiB, in memory.
 * Packages are not bundled. dist-server/ lies beside signaling/, so paths relative to the server's own file lead to the same files.
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
