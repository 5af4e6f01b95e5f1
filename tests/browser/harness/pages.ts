import { readFileSync } from 'node:fs';

/** The paths of the route table without an id in them. Read as text, because the table imports components. */
export const PAGES = [...readFileSync(new URL('../../../src/ui/routes.ts', import.meta.url), 'utf8').matchAll(/path: '([^':]+)'/g)].map(
  (match) => match[1]!,
);
