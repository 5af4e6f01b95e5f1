import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Language } from '../../src/ui/i18n/languages.ts';
import { Chromium } from './harness/chromium.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { PAGES } from './harness/pages.ts';
import { TestServer } from './harness/server.ts';
import { speak } from './harness/speak.ts';
import type { Tab } from './harness/tab.ts';
import { waitUntil } from './harness/wait.ts';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const PASSPHRASE = 'correct horse battery';
const LOOKS = [
  ['light', 'en'],
  ['dark', 'zh-Hant'],
] as const;
/** The smallest common phone, in CSS pixels. */
const PHONE = { width: 360, height: 740 };
const DESKTOP = { width: 1280, height: 800 };
/** Smallest size of touch targets; links within a line of text are exempt (WCAG 2.5.8). */
const TOUCH_PX = 40;

/** All pages of an account and of a guest: with axe-core, by keyboard alone, and on a small phone. */
describe.sequential('accessibility', () => {
  let server: TestServer;
  let browser: Chromium;
  let alex: Tab<Page>;
  let guest: Tab<Page>;
  let pages: Map<Tab<Page>, string[]>;

  beforeAll(async () => {
    server = await TestServer.start();
    browser = await Chromium.launch();
    const url = server.url + testNetworkLink('accessibility', { powLimitBits: 0x1e3fffff, stampBits: 0x1e7fffff });
    alex = await browser.openTab('alex', url);
    // No transitions, because axe would check a colour in the middle of one.
    await alex.page.emulateMedia({ reducedMotion: 'reduce' });
  });

  afterAll(async () => {
    await browser?.dispose();
    await server?.kill();
  });

  /** Shows the route `at` and waits for its content. */
  async function show({ page }: Tab<Page>, at: string): Promise<void> {
    await page.evaluate((path) => {
      const values = new URLSearchParams(location.hash.slice(1));
      values.set('at', path);
      location.hash = values.toString();
    }, at);
    await page.waitForFunction(() => !/Loading…|載入中…|読み込み中…/.test(document.querySelector('main')?.textContent ?? ''));
  }

  async function choose(tab: Tab<Page>, theme: string, language: Language): Promise<void> {
    await show(tab, '/settings');
    await tab.page.locator('main select').nth(1).selectOption(theme);
    await speak(tab, language);
  }

  async function tabTo(page: Page, name: string): Promise<void> {
    const focused = (): Promise<string> =>
      page.evaluate(() => {
        const element = document.activeElement as (HTMLElement & { labels?: NodeListOf<HTMLElement> }) | null;
        return (element?.getAttribute('aria-label') ?? element?.labels?.[0]?.innerText ?? element?.innerText ?? '').trim();
      });
    const passed: string[] = [];
    while ((await focused()) !== name) {
      if (passed.length > 60) throw new Error(`No Tab leads to "${name}": ${passed.join(' → ')}`);
      await page.keyboard.press('Tab');
      passed.push(await focused());
    }
    const outlined = await page.evaluate(() => {
      const own = document.activeElement!;
      const frame = own.closest('.frame') ?? own;
      return [own, frame].some((element) => getComputedStyle(element).outlineStyle !== 'none');
    });
    expect(outlined, `${name} shows its focus`).toBe(true);
  }

  test('register, mine, pay and log out by keyboard alone', async () => {
    const { page } = alex;
    const type = async (name: string, text: string): Promise<void> => {
      await tabTo(page, name);
      await page.keyboard.type(text);
    };
    const title = (): Promise<string> => page.evaluate(() => document.activeElement?.textContent ?? '');
    await tabTo(page, 'Register');
    await page.keyboard.press('Enter');
    await expect.poll(title).toBe('Make an account');
    await type('User name', 'alex');
    await type('Passphrase', PASSPHRASE);
    await type('Repeat passphrase', PASSPHRASE);
    await page.keyboard.press('Enter');
    await expect.poll(title, { timeout: 30_000 }).toBe('Welcome, alex');
    await tabTo(page, 'Go to my node');
    await page.keyboard.press('Enter');
    await tabTo(page, 'Start mining');
    await page.keyboard.press('Space');
    await waitUntil([alex], 'coins', ([s]) => s!.account?.registration === 'confirmed' && Number(s!.balance) >= 100);
    await tabTo(page, 'Stop mining');
    await page.keyboard.press('Space');
    await waitUntil([alex], 'quiet', ([s]) => !s!.mining.on);
    await tabTo(page, 'Transfer');
    await page.keyboard.press('Enter');
    await expect.poll(title).toBe('Transfer');
    await type('Recipient', 'alex');
    await type('Amount', '1.5');
    await type('Memo', '給自己');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent?.trim())).toBe('Send');
    await page.waitForTimeout(400);
    await page.keyboard.press('Enter');
    await waitUntil([alex], 'the payment', ([s]) => s!.mempool.count === 1);
    await expect.poll(title).toBe('Transfer');
    await tabTo(page, 'Network');
    await page.keyboard.press('Enter');
    await tabTo(page, 'Enlarge');
    await page.keyboard.press('Enter');
    const inside = (): Promise<boolean> => page.evaluate(() => document.activeElement?.closest('dialog') !== null);
    await expect.poll(inside).toBe(true);
    await page.keyboard.press('Escape');
    await expect.poll(inside).toBe(false);
    expect(await title()).toContain('Enlarge');
    await tabTo(page, 'Home');
    await page.keyboard.press('Enter');
    await tabTo(page, 'Log out');
    await page.keyboard.press('Enter');
    await expect.poll(title).toBe('A blockchain that lives in this tab');
  });

  test('axe finds nothing on any page, light and dark, English and Chinese, and for a guest also in Japanese', async () => {
    await alex.call('login', { name: 'alex', passphrase: PASSPHRASE });
    guest = await browser.openTab('guest', alex.page.url());
    await guest.page.emulateMedia({ reducedMotion: 'reduce' });
    await waitUntil([guest], 'the chain', ([s]) => s!.height > 0);
    const [payment] = await alex.call('history', { limit: 1 });
    const { text } = await alex.call('receipt', { block: 1 });
    pages = new Map([
      [alex, [...PAGES, '/blocks/1', `/tx/${payment!.txid}`, '/account/alex', `/receipt?r=${text}`]],
      [guest, ['/', '/register', '/login', '/transfer', '/history', '/no/such/page']],
    ]);
    const found: string[] = [];
    for (const [tab, paths] of pages) {
      await tab.page.bringToFront();
      await tab.page.evaluate(`${AXE};0`);
      for (const [theme, language] of tab === guest ? [...LOOKS, ['light', 'ja'] as const] : LOOKS) {
        await choose(tab, theme, language);
        for (const at of paths) {
          await show(tab, at);
          found.push(...(await violations(tab.page)).map((violation) => `${tab.name} ${at} ${theme} ${language}: ${violation}`));
        }
      }
    }
    expect(found).toEqual([]);
  });

  test('on a small phone nothing scrolls sideways, and every control is large enough for a finger, in Japanese', async () => {
    const wrong: string[] = [];
    for (const [tab, paths] of pages) {
      await choose(tab, 'dark', 'ja');
      await tab.page.setViewportSize(PHONE);
      for (const at of paths) {
        await show(tab, at);
        wrong.push(...(await tab.page.evaluate(phoneProblems, TOUCH_PX)).map((problem) => `${tab.name} ${at}: ${problem}`));
      }
      await tab.page.setViewportSize(DESKTOP);
    }
    expect(wrong).toEqual([]);
  });

  test('the page of meeting by hand has no violation in any of its states', async () => {
    const found: string[] = [];
    async function check(tab: Tab<Page>, state: string): Promise<void> {
      await tab.page.bringToFront();
      for (const viewport of [DESKTOP, PHONE]) {
        await tab.page.setViewportSize(viewport);
        const wrong = await violations(tab.page);
        if (viewport === PHONE) wrong.push(...(await tab.page.evaluate(phoneProblems, TOUCH_PX)));
        found.push(...wrong.map((problem) => `${tab.name}, ${state}, ${viewport.width} pixels: ${problem}`));
      }
    }
    const code = (tab: Tab<Page>) => tab.page.locator('main [role="img"]');
    const linkOf = (tab: Tab<Page>): Promise<string> => tab.page.locator('details a.mono').getAttribute('href').then(String);
    for (const [theme, language] of LOOKS) {
      const look = `${theme}, ${language}`;
      for (const tab of [alex, guest]) await choose(tab, theme, language);
      await show(alex, '/meet');
      await code(alex).waitFor();
      await alex.page.locator('summary').click();
      await check(alex, `invitation, ${look}`);
      await show(guest, `/meet?i=${/invite-[\w-]+/.exec(await linkOf(alex))![0]}`);
      await code(guest).waitFor();
      await check(guest, `reply, ${look}`);
      const reply = await linkOf(guest);
      await alex.page.locator('main form input').fill('reply-of-nobody');
      await alex.page.locator('main form button').click();
      await alex.page.locator('main [role="alert"]').getByText(/./).first().waitFor();
      await check(alex, `refusal, ${look}`);
      await alex.page.locator('main form input').fill(reply);
      await alex.page.locator('main form button').click();
      for (const tab of [alex, guest]) {
        await code(tab).waitFor({ state: 'detached' });
        await check(tab, `linked, ${look}`);
      }
      await show(guest, `/meet?i=${/reply-[\w-]+/.exec(reply)![0]}`);
      await guest.page.getByRole('link', { name: /Make a new invitation|重新邀請/ }).waitFor();
      await check(guest, `refused link, ${look}`);
    }
    expect(found).toEqual([]);
    expect([...alex.problems, ...guest.problems]).toEqual([]);
  });
});

/** Violations found by axe-core, which is already in the page: rule, element and reason. */
function violations(page: Page): Promise<string[]> {
  return page.evaluate(async (tags) => {
    interface Axe {
      run(context: Document, options: object): Promise<{ violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] }>;
    }
    const { violations } = await (globalThis as unknown as { axe: Axe }).axe.run(document, { resultTypes: ['violations'], runOnly: tags });
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.failureSummary}`));
  }, RULES);
}

/** Runs in the page: finds sideways scrolling and controls smaller than a finger. Links within text count as text. */
function phoneProblems(touchPx: number): string[] {
  const { scrollWidth, clientWidth } = document.documentElement;
  const problems = scrollWidth > clientWidth ? [`scrolls sideways: ${scrollWidth} > ${clientWidth}`] : [];
  for (const element of document.querySelectorAll('button, input, select, textarea, summary, nav a, a.button')) {
    // The label of a checkbox or a radio button is its touch target.
    const target = element.matches('[type="checkbox"], [type="radio"]') ? (element.closest('label') ?? element) : element;
    const { width, height } = target.getBoundingClientRect();
    const hidden = width === 0 || element.matches('.visually-hidden, .skip');
    if (!hidden && (width < touchPx || height < touchPx)) problems.push(`${element.outerHTML.slice(0, 120)} is ${width} × ${height}`);
  }
  return problems;
}
