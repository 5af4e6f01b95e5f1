import { describe, expect, it } from 'vitest';
import { placeOf } from '../../../src/ui/address.ts';
import { fetchPack, LANGUAGES } from '../../../src/ui/i18n/languages.ts';
import { MENU, menuPathOf, routeOf, ROUTES } from '../../../src/ui/routes.ts';

describe('the table of routes', () => {
  it.each([
    ['', '/', '', '/'],
    ['#net=demo', '/', '', '/'],
    ['#net=demo&at=/', '/', '', '/'],
    ['#at=/login', '/login', '', '/'],
    ['#at=/blocks', '/blocks', '', '/blocks'],
    ['#at=/blocks/', '/blocks', '', '/blocks'],
    ['#net=demo&at=/blocks/12', '/blocks/:id', '12', '/blocks'],
    ['#at=/blocks/%25E0', '/blocks/:id', '%E0', '/blocks'],
    ['#at=%2Ftx%2Fab', '/tx/:id', 'ab', '/blocks'],
    ['#at=/account/%25E9%2598%25BF', '/account/:id', '阿', '/people'],
    ['#at=/forks', '/forks', '', '/blocks'],
    ['#at=/receive', '/receive', '', '/transfer'],
    ['#at=/settings', '/settings', '', '/settings'],
  ])('%s', (fragment, pattern, id, lit) => {
    const { path } = placeOf(fragment);
    const found = routeOf(path);
    expect(found?.route.path).toBe(pattern);
    expect(found?.id).toBe(id);
    expect(menuPathOf(path)).toBe(lit);
  });

  it.each(['#at=/nowhere', '#at=/login/x', '#at=/tx', '#at=/account/', '#at=/blocks/1/2', '#at=/:id'])(
    '%s leads to no page',
    (fragment) => {
      const { path } = placeOf(fragment);
      expect(routeOf(path)).toBeNull();
      expect(menuPathOf(path)).toBeNull();
    },
  );

  it('names each path once, and lights an entry of the menu on every page', () => {
    expect(new Set(ROUTES.map(({ path }) => path)).size).toBe(ROUTES.length);
    const inMenu = MENU.map(({ path }) => path);
    for (const { path } of ROUTES) expect(inMenu, path).toContain(menuPathOf(path));
  });

  it.each(LANGUAGES)('gives each entry of the menu its own label in %s', async (language) => {
    const { messages } = await fetchPack(language);
    const labels = MENU.map(({ menu }) => menu.label(messages));
    expect(new Set(labels).size).toBe(MENU.length);
    expect(labels.filter((label) => label === '')).toEqual([]);
  });
});
