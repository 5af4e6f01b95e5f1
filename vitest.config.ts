import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

/** Two cores have to be enough: a unit test that needs longer is not one. */
const UNIT_TIMEOUT_MS = 30_000;

/** How long `expect.poll` waits for what must come. Vitest's own second is too short for a machine that is busy elsewhere. */
const POLL_TIMEOUT_MS = 20_000;

/** A journey registers, mines and synchronises in several real tabs. */
const BROWSER_TIMEOUT_MS = 300_000;

/** Gives the link maker signatures by OpenSSL, ten times as fast; the tests of src/crypto keep the library. */
const quickSignatures = {
  name: 'quick-signatures',
  enforce: 'pre' as const,
  resolveId(source: string, importer = ''): string | null {
    const isOfLinks = source.endsWith('/crypto/ed25519.ts') && importer.includes('/src/webrtc/');
    return isOfLinks ? fileURLToPath(new URL('./tests/unit/webrtc/openssl-ed25519.ts', import.meta.url)) : null;
  },
};

export default defineConfig({
  test: {
    // Vitest leaves a core for itself, which on two cores means one worker; its main thread sleeps while the tests run.
    maxWorkers: '100%',
    projects: [
      {
        plugins: [svelte({ configFile: false }), quickSignatures],
        test: {
          name: 'unit',
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/sim/**', 'tests/browser/**', 'tests/bench/**'],
          // Many files share a process, so that modules are loaded and compiled once. A test must leave nothing behind.
          isolate: false,
          setupFiles: 'tests/unit/setup.ts',
          testTimeout: UNIT_TIMEOUT_MS,
          hookTimeout: UNIT_TIMEOUT_MS,
          expect: { poll: { timeout: POLL_TIMEOUT_MS } },
        },
      },
      {
        test: {
          name: 'sim',
          include: ['tests/sim/**/*.test.ts'],
        },
      },
      {
        test: {
          name: 'browser',
          include: ['tests/browser/**/*.test.ts'],
          // Each file starts a server and several full nodes; two at once would only measure each other.
          fileParallelism: false,
          testTimeout: BROWSER_TIMEOUT_MS,
          hookTimeout: BROWSER_TIMEOUT_MS,
          expect: { poll: { timeout: POLL_TIMEOUT_MS } },
        },
      },
    ],
  },
});
