import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TabchainApi } from '../../src/api/api.ts';
import { Chromium } from './harness/chromium.ts';
import { go } from './harness/go.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { TestServer } from './harness/server.ts';
import type { Tab } from './harness/tab.ts';
import { waitUntil } from './harness/wait.ts';

/** So the links of this browser are relayed. */
const NO_UDP = ['--webrtc-ip-handling-policy=disable_non_proxied_udp'];

const KINDS = ['direct', 'relayed', 'local'] as const;

interface MapWindow {
  /** Peer ids. */
  elsewhere: string[];
}

/** Runs in the page: the interface hears that the peers in `elsewhere` are on another branch. Real branches last only milliseconds. */
function placeElsewhere(): void {
  const page = Object.assign(window as unknown as MapWindow, { elsewhere: [] as string[] });
  const define = Object.defineProperty;
  Object.defineProperty = <T>(target: T, key: PropertyKey, property: PropertyDescriptor & ThisType<unknown>): T => {
    if (key === 'tabchain') {
      const api = property.value as Pick<TabchainApi, 'subscribe'>;
      const subscribe = api.subscribe.bind(api);
      api.subscribe = (listener) =>
        subscribe((event) => {
          const { peers } = event.type === 'status' ? event.status : { peers: [] };
          for (const peer of peers) if (page.elsewhere.includes(peer.id)) peer.agrees = false;
          listener(event);
        });
    }
    return define(target, key, property);
  };
}

/** Four real tabs, so that this tab has a link of each kind: within its browser, direct and relayed. */
describe.sequential('the map of the network', () => {
  let server: TestServer;
  const browsers: Chromium[] = [];
  let alex: Tab<Page>;
  let wu: Tab<Page>;
  let ming: Tab<Page>;
  let yu: Tab<Page>;
  /** Peer ids. */
  let ids: Record<'alex' | 'yu' | 'wu' | 'ming', string>;

  beforeAll(async () => {
    server = await TestServer.start();
    const url = server.url + testNetworkLink('map');
    browsers.push(await Chromium.launch(), await Chromium.launch({ flags: NO_UDP }));
    alex = await browsers[0]!.newTab('alex');
    await alex.page.addInitScript(placeElsewhere);
    await alex.open(url);
    await alex.page.emulateMedia({ reducedMotion: 'reduce' });
    yu = await browsers[0]!.openTab('yu', url);
    // A private window shares no channel with the other windows.
    wu = await browsers[0]!.newTab('wu', { apart: true });
    await wu.open(url);
    ming = await browsers[1]!.openTab('ming', url);
    await waitUntil([alex, yu, wu, ming], 'links of every two tabs', (all) =>
      all.every(({ peers }) => peers.filter(({ state, latencyMs }) => state === 'ready' && latencyMs !== null).length === 3),
    );
    const idOf = async (tab: Tab<Page>): Promise<string> => (await tab.call('neighbourhood')).self;
    ids = { alex: await idOf(alex), yu: await idOf(yu), wu: await idOf(wu), ming: await idOf(ming) };
    await alex.page.bringToFront();
    await go(alex, '/network');
  });

  afterAll(async () => {
    for (const browser of browsers) await browser.dispose();
    await server?.kill();
  });

  const map = () => alex.page.getByRole('toolbar', { name: 'Map: this tab and 3 tabs connected with it.' });
  const tabOf = (id: string) => map().locator(`[data-tab="${id}"]`);
  const short = (id: string): string => id.slice(0, 4);
  /** The facts beside the map, by their terms. */
  const facts = (): Promise<Record<string, string>> =>
    alex.page
      .locator('.facts dl > div')
      .evaluateAll((rows) =>
        Object.fromEntries(rows.map((row) => ['dt', 'dd'].map((tag) => row.querySelector(tag)!.textContent.replace(/\s+/g, ' ').trim()))),
      );
  const colours = (selector: string, property: string): Promise<string[]> =>
    alex.page.locator(selector).evaluateAll((all, name) => all.map((each) => getComputedStyle(each).getPropertyValue(name)), property);
  const focused = (): Promise<string | undefined> => alex.page.evaluate(() => (document.activeElement as HTMLElement).dataset['tab']);

  test('shows every tab by an accessible name that says how it is linked, and on which chain it is', async () => {
    await expect.poll(() => map().getByRole('button').count()).toBe(4);
    const names = await map()
      .getByRole('button')
      .evaluateAll((all) => all.map((each) => each.getAttribute('aria-label')!));
    expect(names[0]).toBe('you, This tab');
    const name = (id: string, kind: string): RegExp => new RegExp(`^Tab ${short(id)}( [\\d,]+ ms)?, ${kind}, same chain$`);
    await expect.poll(() => tabOf(ids.yu).getAttribute('aria-label')).toMatch(name(ids.yu, 'this browser'));
    await expect.poll(() => tabOf(ids.wu).getAttribute('aria-label')).toMatch(name(ids.wu, 'direct'));
    await expect.poll(() => tabOf(ids.ming).getAttribute('aria-label')).toMatch(name(ids.ming, 'relayed'));
  });

  test('draws a line for each link, in the style of its kind, and explains the styles', async () => {
    const stage = alex.page.locator('.map');
    for (const kind of KINDS) await expect.poll(() => stage.locator(`line.own.${kind}`).count()).toBe(1);
    expect(await stage.locator('line.own').count()).toBe(3);
    // The other tabs say how they are linked with each other.
    const others = (kind: string): Promise<number> =>
      stage.locator(`path.${kind}`).evaluate(
        (path) =>
          path
            .getAttribute('d')!
            .match(/^$|M[\d. ]+L[\d. ]+/g)!
            .filter(Boolean).length,
      );
    await expect.poll(() => Promise.all(KINDS.map(others))).toEqual([1, 2, 0]);

    const [jade] = await colours('.map .self .disc', 'background-color');
    expect(await colours('.map .agrees .disc', 'background-color')).toEqual([jade, jade, jade, jade]);
    const legend = alex.page.locator('.stage ul');
    expect(await legend.locator('li').allInnerTexts()).toEqual([
      'same chain as this tab',
      'another branch, or ahead',
      'chain not known',
      'direct',
      'relayed',
      'this browser',
      'The longer the line from you, the longer the delay.',
    ]);
    expect(await colours('.stage ul .disc.agrees', 'background-color')).toEqual([jade]);
    for (const kind of KINDS) {
      expect(await colours(`.stage ul .line.${kind}`, 'border-top-color')).toEqual(await colours(`.map line.own.${kind}`, 'stroke'));
    }
  });

  test('the arrow keys lead from tab to tab, with the facts of each beside the map', async () => {
    const { keyboard } = alex.page;
    await tabOf(ids.alex).focus();
    expect((await facts())['Id']).toContain(ids.alex.slice(0, 8));
    const seen: Record<string, Record<string, string>> = {};
    for (let i = 0; i < 3; i++) {
      await keyboard.press('ArrowRight');
      seen[(await focused())!] = await facts();
    }
    expect(Object.keys(seen).sort()).toEqual([ids.yu, ids.wu, ids.ming].sort());
    const common = { Connections: '3', Blocks: 'whole chain' };
    expect(seen[ids.yu]).toMatchObject({ ...common, Connection: 'this browser', 'How they met': 'in this browser' });
    expect(seen[ids.wu]).toMatchObject({ ...common, Connection: 'direct', 'How they met': 'through a signaling server' });
    expect(seen[ids.ming]).toMatchObject({ ...common, Connection: 'relayed', 'How they met': 'through a signaling server' });
    for (const each of Object.values(seen)) expect(each['Height']).toMatch(/^0 same chain$/);
    await keyboard.press('ArrowRight');
    expect(await focused()).toBe(ids.alex);
    await keyboard.press('ArrowLeft');
    const last = await focused();
    await keyboard.press('Home');
    expect(await focused()).toBe(ids.alex);
    await keyboard.press('End');
    expect(await focused()).toBe(last);
    // One stop of the Tab key for all tabs.
    await keyboard.press('Tab');
    expect(await alex.page.evaluate(() => document.activeElement!.closest('[role="toolbar"]'))).toBeNull();
  });

  test('a chosen tab stays shown when the focus leaves, until Escape', async () => {
    const { keyboard } = alex.page;
    await tabOf(ids.ming).focus();
    await keyboard.press('Enter');
    expect(await tabOf(ids.ming).getAttribute('aria-pressed')).toBe('true');
    await keyboard.press('Tab');
    expect((await facts())['Connection']).toBe('relayed');
    await tabOf(ids.wu).focus();
    await keyboard.press('Escape');
    await keyboard.press('Tab');
    await alex.page.getByText('3 tabs connected with this one.').waitFor();
    expect(await map().locator('[aria-pressed="true"]').count()).toBe(0);
  });

  test('a tab on another branch has another look, another name, and the place of that look in the legend', async () => {
    await alex.page.evaluate((id) => (window as unknown as MapWindow).elsewhere.push(id), ids.wu);
    await expect.poll(() => tabOf(ids.wu).getAttribute('aria-label')).toMatch(/, direct, another branch, or ahead$/);
    await expect
      .poll(() => colours('.map .differs .disc', 'border-top-color'))
      .toEqual(await colours('.stage ul .disc.differs', 'border-top-color'));
    expect(await colours('.map .agrees .disc', 'background-color')).toHaveLength(3);
    await tabOf(ids.wu).focus();
    expect((await facts())['Height']).toBe('0 another branch, or ahead');
  });

  test('a closed tab leaves the map', async () => {
    await wu.page.goto('about:blank');
    const left = alex.page.getByRole('toolbar', { name: 'Map: this tab and 2 tabs connected with it.' });
    await left.waitFor({ state: 'attached' });
    // The others tell of it until they have noticed, at the latest after 25 seconds of silence.
    await expect.poll(() => left.getByRole('button').count(), { timeout: 40_000 }).toBe(3);
    expect(await left.locator(`[data-tab="${ids.wu}"]`).count()).toBe(0);
    expect([...alex.problems, ...yu.problems, ...ming.problems]).toEqual([]);
  });
});
