import type { Component } from 'svelte';
import { describe, expect, test, vi } from 'vitest';
import { loadPage, ROUTES } from '../../../src/ui/routes.ts';
import { Later } from '../../../src/ui/shell/later.svelte.ts';

const page = (() => undefined) as unknown as Component;

describe('a page whose code comes later', () => {
  test('is fetched once, however often it is opened', async () => {
    const fetch = vi.fn(async () => ({ default: page as Component<Record<string, never>> }));
    const later = new Later(fetch);
    expect(later.component).toBeNull();
    await Promise.all([later.load(), later.load()]);
    await later.load();
    expect(later.component).toBe(page);
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  test('says why it is missing, and comes after another attempt', async () => {
    let isThere = false;
    const later = new Later(async () => {
      if (!isThere) throw new TypeError('Failed to fetch');
      return { default: page as Component<Record<string, never>> };
    });
    await later.load();
    expect(later.error).toBeInstanceOf(TypeError);
    isThere = true;
    await later.load();
    expect([later.component, later.error]).toEqual([page, null]);
  });

  test('is every page but the first of a visit; an unknown path loads nothing', async () => {
    const first = ROUTES.filter((route) => 'page' in route && !(route.page instanceof Later));
    expect(first.map(({ path }) => path)).toEqual(['/']);
    await expect(loadPage('/nowhere')).resolves.toBeUndefined();
  });
});
