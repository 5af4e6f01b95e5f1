import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { ERROR_CODES } from '../../src/util/error-codes.ts';

/** Rules that the linter cannot check, or only slowly. */

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string): string => readFileSync(join(PROJECT, path), 'utf8');

const OURS = ['src', 'signaling', 'tests', 'public', '.ci'];

/** Every file of the project, with paths from its root. */
const files = OURS.filter((folder) => existsSync(join(PROJECT, folder))).flatMap((folder) =>
  readdirSync(join(PROJECT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(PROJECT.length)),
);
const code = files.filter((path) => /\.(ts|mjs|svelte)$/.test(path) && path !== 'tests/unit/tidy.test.ts');
const filesWith = (pattern: RegExp, among = code): string[] => among.filter((path) => pattern.test(read(path)));

describe('code', () => {
  test.each([
    ['silenced type errors', /@ts-(ignore|nocheck)/],
    ['tests that do not run', /\b(test|it|describe)\.(only|skip|todo)\b/],
    ['unfinished business', /\b(TODO|FIXME|XXX|HACK)\b/],
    ['raw HTML from data', /\{@html\b|\.innerHTML\s*=/],
    ['a debugger statement', /^\s*debugger;/m],
  ])('has no %s', (_what, pattern) => {
    expect(filesWith(pattern)).toEqual([]);
  });

  test('asks no third party at run time', () => {
    const urls = /https?:\/\/(?!localhost|127\.0\.0\.1|www\.w3\.org\/)[a-z0-9.-]+\.[a-z]{2,}/;
    const running = code.filter((path) => /^(src|public)\//.test(path));
    const lines = running.flatMap((path) =>
      read(path)
        .split('\n')
        .filter((line) => urls.test(line) && !/^\s*(\/\/|\*|\/\*)/.test(line))
        .map((line) => `${path}: ${line.trim()}`),
    );
    expect(lines).toEqual([]);
  });

  test('has no class of more than 250 lines', () => {
    const long = code
      .filter((path) => /^(src|signaling)\//.test(path))
      .flatMap((path) => [...read(path).matchAll(/^(?:export )?(?:abstract )?class (\w+)[^]*?^\}/gm)])
      .filter(([text]) => text.split('\n').length > 250)
      .map(([, name]) => name!);
    expect(long).toEqual([]);
  });

  test('of the rules and below does not use the network, the page or the disk', () => {
    const pure = code.filter((path) => /^src\/(util|crypto|protocol|consensus|chain)\//.test(path));
    expect(filesWith(/\b(fetch\(|document\.|indexedDB|localStorage|navigator\.)/, pure)).toEqual([]);
  });
});

describe('documentation', () => {
  test('src/ARCHITECTURE.md has a row for every folder of src', () => {
    const text = read('src/ARCHITECTURE.md');
    const folders = readdirSync(join(PROJECT, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map(({ name }) => name).filter((name) => !text.includes(`| \`${name}/\` |`))).toEqual([]);
  });

  test('every link to a file has a target', () => {
    const texts = [...readdirSync(PROJECT), ...files].filter((path) => path.endsWith('.md'));
    expect(texts.length).toBeGreaterThan(10);
    const broken = texts
      .flatMap((path) =>
        [...read(path).matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)|src="([^"]+)"/g)].map((match) =>
          join(dirname(path), match[1] ?? match[2]!),
        ),
      )
      .filter((target) => !existsSync(join(PROJECT, target)));
    expect(broken).toEqual([]);
  });

  test('every method of the console API is in its README', () => {
    const api = [
      read('src/api/api.ts').split(/export interface TabchainApi .*\{/)[1]!,
      read('src/api/networks.ts').split('export interface NetworkCalls {')[1]!,
    ].join('\n');
    const methods = [...api.matchAll(/^ {2}(\w+)\(/gm)].map((match) => match[1]!);
    expect(methods.length).toBeGreaterThan(20);
    const readme = read('src/api/README.md');
    expect(methods.filter((method) => !readme.includes(`${method}(`))).toEqual([]);
  });

  test('uses no archaic words, which readers of a second language stumble over', () => {
    const archaic = /\b(whoever|whatsoever|lest|anew|such a one|has it not|thereof|would-be|whilst|hitherto)\b/gi;
    const comment = /\/\*[^]*?\*\/|<!--[^]*?-->|(?<=^|[\s;{}(),])\/\/.*/gm;
    const prose = [...readdirSync(PROJECT), ...files].filter((path) => /\.(md|ts|mjs|js|svelte|css|html|c)$/.test(path));
    expect(prose.length).toBeGreaterThan(500);
    const found = prose.flatMap((path) => {
      // A word in quotes is mentioned, not used.
      const texts = path.endsWith('.md') ? [read(path).replace(/"[^"\n]*"/g, '')] : (read(path).match(comment) ?? []);
      return texts.flatMap((text) => (text.match(archaic) ?? []).map((word) => `${path}: ${word}`));
    });
    expect(found).toEqual([]);
  });

  test('every rule’s code has a test', () => {
    const rules = read('src/consensus/rule-error.ts').split('export const RULES = {')[1]!.split('} as const')[0]!;
    const codes = [...rules.matchAll(/^ {2}'([a-z-]+)':/gm)].map((match) => match[1]!);
    expect(codes.length).toBeGreaterThan(20);
    const tests = code
      .filter((path) => path.startsWith('tests/'))
      .map(read)
      .join('\n');
    expect(codes.filter((rule) => !tests.includes(rule))).toEqual([]);
  });
});

test('every limit that the simulator makes small is where the simulator expects the limit', async () => {
  const { TIGHT } = (await import(join(PROJECT, 'tests/sim/tight.mjs'))) as { TIGHT: Record<string, Record<string, unknown>> };
  const limits = Object.entries(TIGHT).flatMap(([file, values]) => Object.keys(values).map((name) => [file, name] as const));
  expect(limits.length).toBeGreaterThan(20);
  expect(limits.filter(([file, name]) => !read(file).includes(`const ${name} = `))).toEqual([]);
});

test('every error code is used', () => {
  const lists = /^src\/(util\/error-codes|consensus\/rule-error|ui\/i18n\/[^/]+\/errors)\.ts$/;
  const sources = code
    .filter((path) => /^(src|signaling)\//.test(path) && !lists.test(path))
    .map(read)
    .join('\n');
  expect(ERROR_CODES.filter((each) => !sources.includes(`'${each}'`))).toEqual([]);
});

describe('the repository', () => {
  test('holds only what belongs at its top level', () => {
    const allowed =
      /^(src|public|signaling|tests|\.ci|(README|HACKING|CONTRIBUTING|CHANGELOG|SECURITY)\.md|LICENSE|package(-lock)?\.json|tsconfig\.json|vite(st)?\.config\.ts|eslint\.config\.js|knip\.json|svelte\.config\.js|\.(editorconfig|gitignore|npmrc|prettierrc\.json|prettierignore))$/;
    const ignored = read('.gitignore')
      .split('\n')
      .map((line) => line.replace('/', ''));
    const top = readdirSync(PROJECT).filter((name) => name !== '.git' && !ignored.includes(name) && !name.endsWith('.log'));
    expect(top.filter((name) => !allowed.test(name))).toEqual([]);
  });

  test('pins every direct dependency to one version', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;
    const ranges = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !/^(npm:[\w.-]+@)?\d+\.\d+\.\d+$/.test(version),
    );
    expect(ranges).toEqual([]);
  });
});
