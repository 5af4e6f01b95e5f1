import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plugin, Rolldown } from 'vite';

interface Package {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly author?: string | { readonly name: string };
  readonly dependencies?: Readonly<Record<string, string>>;
}

const LICENCE_FILE = /^(licen[cs]e|copying|notice)/i;

/**
 * Writes licenses.md into the built page: the notices of every package in it. Vite's own `build.license` leaves out packages that only workers
 * contain, which are most of the node.
 * @returns `page` for the page's plugins, `worker` for those of each worker
 */
export function licences(): { page: Plugin; worker: () => Plugin } {
  const folders = new Set<string>();
  const collect = (bundle: Rolldown.OutputBundle): void => {
    for (const output of Object.values(bundle)) {
      if (output.type !== 'chunk') continue;
      for (const id of output.moduleIds) if (id.includes('node_modules') && !id.startsWith('\0')) addPackage(id, folders);
    }
  };
  return {
    worker: () => ({ name: 'licences-of-worker', apply: 'build', generateBundle: (_options, bundle) => collect(bundle) }),
    page: {
      name: 'licences',
      apply: 'build',
      // Vite writes the page's bundle after the bundles of its workers.
      generateBundle(_options, bundle) {
        collect(bundle);
        this.emitFile({ type: 'asset', fileName: 'licenses.md', source: notices(folders) });
      },
    },
  };
}

function addPackage(module: string, folders: Set<string>): void {
  const folder = packageFolder(module);
  folders.add(folder);
  // A file that its author has bundled and minified also contains the author's dependencies.
  if (module.endsWith('.min.js')) addDependencies(folder, folders);
}

function packageFolder(module: string): string {
  let folder = dirname(module);
  // Inner folders of some packages have a package.json without a name.
  while (!existsSync(join(folder, 'package.json')) || !readPackage(folder).name) folder = dirname(folder);
  return folder;
}

function addDependencies(folder: string, folders: Set<string>): void {
  for (const name of Object.keys(readPackage(folder).dependencies ?? {})) {
    const found = [join(folder, 'node_modules', name), join(topFolder(folder), name)].find((path) => existsSync(path));
    if (!found || folders.has(found)) continue;
    folders.add(found);
    addDependencies(found, folders);
  }
}

/** The outermost node_modules of a package. */
function topFolder(folder: string): string {
  const name = 'node_modules';
  return folder.slice(0, folder.indexOf(name) + name.length);
}

function notices(folders: ReadonlySet<string>): string {
  const entries = [...folders].map((folder) => ({ ...readPackage(folder), text: licenceText(folder) }));
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const sections = entries.map(({ name, version, license, text }) => `## ${name} ${version} (${license ?? 'see below'})\n\n${text}\n`);
  return `# Packages in this page and their licences\n\n${sections.join('\n')}`;
}

function licenceText(folder: string): string {
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile() && LICENCE_FILE.test(entry.name));
  const texts = files.map(({ name }) => readFileSync(join(folder, name), 'utf8').trim());
  if (texts.length > 0) return texts.join('\n\n');
  const { author } = readPackage(folder);
  return `Its author, ${typeof author === 'object' ? author.name : author}, ships no text of the licence.`;
}

function readPackage(folder: string): Package {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Package;
}
