import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin, type Rolldown } from 'vite';

/** Answers of a server, compressed forms, and the notices, which nobody needs while offline. */
const NOT_KEPT = /^(links\.json|version\.json|licenses\.md)$|\.(map|br|gz)$/;

/** Files with a hash of their content in the name. */
const HASHED = /^assets\//;

/**
 * Builds the service worker `entry` with a list of all files of the page as `PAGE_FILES`, and version.json, by which an open tab learns that
 * its server has a newer page (ui/state/served-page.svelte.ts). The worker's name has no hash, because browsers ask for the same name again.
 * @param facts further members of version.json
 */
export function offline(entry: string, licences: () => Plugin, facts: Readonly<Record<string, unknown>>): Plugin {
  let publicFolder = '';
  return {
    name: 'offline',
    apply: 'build',
    configResolved: (config) => void (publicFolder = config.publicDir),
    generateBundle: {
      order: 'post',
      async handler(_options, bundle) {
        const main = Object.values(bundle).find((output) => output.type === 'chunk' && output.isEntry);
        if (!main) this.error('The page has no entry.');
        this.emitFile({ type: 'asset', fileName: 'version.json', source: JSON.stringify({ ...facts, page: main.fileName }) });
        const files = [...bundled(bundle), ...copied(publicFolder)].filter(({ url }) => !NOT_KEPT.test(url));
        this.emitFile({ type: 'asset', fileName: 'service-worker.js', source: await serviceWorker(entry, licences(), files) });
      },
    },
  };
}

interface PageFile {
  readonly url: string;
  /** Hash of the content; null if the name has one. */
  readonly revision: string | null;
}

const pageFile = (url: string, content: string | Uint8Array): PageFile => ({
  url,
  revision: HASHED.test(url) ? null : createHash('sha256').update(content).digest('hex').slice(0, 16),
});

const bundled = (bundle: Rolldown.OutputBundle): PageFile[] =>
  Object.values(bundle).map((output) => pageFile(output.fileName, output.type === 'chunk' ? output.code : output.source));

const copied = (folder: string): PageFile[] => readdirSync(folder).map((name) => pageFile(name, readFileSync(join(folder, name))));

async function serviceWorker(entry: string, licences: Plugin, files: readonly PageFile[]): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    plugins: [licences],
    define: { PAGE_FILES: JSON.stringify(files), 'process.env.NODE_ENV': '"production"' },
    // No module: Firefox takes module service workers only since 2026.
    build: {
      write: false,
      target: 'es2022',
      rolldownOptions: { input: entry, output: { format: 'iife', entryFileNames: 'service-worker.js' } },
    },
  });
  const {
    output: [chunk],
  } = result as Rolldown.RolldownOutput;
  return chunk.code;
}
