import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { fetchPack, LANGUAGES } from '../../src/ui/i18n/languages.ts';

const DIST = fileURLToPath(new URL('../../dist/', import.meta.url));
const page = readFileSync(`${DIST}index.html`, 'utf8');
const chunks = new Map(
  readdirSync(`${DIST}assets`)
    .filter((name) => name.endsWith('.js'))
    .map((name) => [name, readFileSync(`${DIST}assets/${name}`, 'utf8')]),
);

const QUOTED_FILE = /["'`](?:\.\/)?(?:assets\/)?([\w.-]+\.js)["'`]/.source;
const IMPORT = new RegExp(String.raw`(?:\bfrom|\bimport)\s*\(?\s*${QUOTED_FILE}`, 'g');
/** Only workers are referenced by a URL instead of an import. */
const WORKER = new RegExp(String.raw`new URL\(\s*(?:/\*.*?\*/)?\s*${QUOTED_FILE}`, 'g');

const namesIn = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1]!);

/** The files in dist/ after `npm run build`. */
describe('the built page', () => {
  const workers = [...chunks.values()].flatMap((code) => namesIn(code, WORKER));
  const scripts = [...page.matchAll(/<script[^>]*src="([^"]+)"/g)].map((match) => basename(match[1]!));

  test('has one script, and workers for node, keys, SQL, mining and the graphics card', () => {
    expect(scripts).toHaveLength(1);
    // A pattern that found no worker would let everything pass.
    expect(new Set(workers).size).toBeGreaterThanOrEqual(5);
    for (const name of [...workers, ...scripts]) expect([...chunks.keys()]).toContain(name);
  });

  test('is a production build, without Svelte’s code for developers', () => {
    for (const [name, code] of chunks) expect(code, name).not.toContain('src/ui/App.svelte');
  });

  test('no chunk imports an entry, because WebKit would evaluate a worker twice', () => {
    const entries = new Set([...workers, ...scripts]);
    const imports = [...chunks].flatMap(([importer, code]) => namesIn(code, IMPORT).map((imported) => ({ importer, imported })));
    expect(imports.length).toBeGreaterThan(0);
    expect(imports.filter(({ imported }) => entries.has(imported))).toEqual([]);
  });

  test('carries its content security policy for hosts that set no header, before anything else', () => {
    const first = /<head>\s*<meta http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(page);
    expect(first?.[1]).toContain('default-src &#39;self&#39;');
    expect(first?.[1]).not.toContain('frame-ancestors');
  });

  test('allows one inline script of its own, which adds a missing last slash', () => {
    const inline = [...page.matchAll(/<script>([^<]*)<\/script>/g)].map((match) => match[1]!);
    expect(inline).toHaveLength(1);
    expect(page).toContain(createHash('sha256').update(inline[0]!).digest('base64'));
    expect(page.indexOf(inline[0]!)).toBeLessThan(page.indexOf('<link'));
  });

  test('has the texts of each language in one file, which only a person of this language loads, and which the device keeps', async () => {
    const serviceWorker = readFileSync(`${DIST}service-worker.js`, 'utf8');
    const files: string[] = [];
    for (const language of LANGUAGES) {
      const { messages, errors, workbench } = await fetchPack(language);
      for (const text of [messages.app.skip, errors['node-stopped']({}), workbench.exportText]) {
        const holders = [...chunks].filter(([, code]) => code.includes(text)).map(([name]) => name);
        expect(holders, text).toHaveLength(1);
        files.push(holders[0]!);
      }
    }
    expect(new Set(files).size).toBe(LANGUAGES.length);
    for (const name of files) {
      expect(serviceWorker).toContain(name);
      const importers = [...chunks].filter(([, code]) => new RegExp(String.raw`\bfrom\s*["'\x60]\./${name}`).test(code));
      expect(importers, name).toEqual([]);
    }
  });

  test('loads the cipher of private rooms only where a link has a room key', () => {
    // A constant of the cipher (RFC 8439 §2.3). The node's worker has the cipher, too, for its copies of sealed memos.
    const ciphers = [...chunks]
      .filter(([name, code]) => !workers.includes(name) && code.includes('expand 32-byte k'))
      .map(([name]) => name);
    expect(ciphers).toHaveLength(1);
    const importers = [...chunks.values()].filter((code) => new RegExp(String.raw`\bfrom\s*["'\x60]\./${ciphers[0]!}`).test(code));
    expect(importers).toEqual([]);
  });

  test('includes the licences of all its packages, also of those in workers and prepared bundles', () => {
    const licences = readFileSync(`${DIST}licenses.md`, 'utf8');
    for (const name of ['svelte', 'sql.js', 'node-forge', 'simple-peer', 'get-browser-rtc', '@noble/hashes']) {
      expect(licences).toContain(`## ${name} `);
    }
    expect(licences).toContain('Digital Bazaar');
  });
});
