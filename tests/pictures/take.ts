/**
 * `npm run pictures`: takes the pictures of README.md from the real product. Two browsers register, mine and pay on their own network.
 * Ids and times differ each time.
 */
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { Chromium } from '../browser/harness/chromium.ts';
import { testNetworkLink } from '../browser/harness/network-link.ts';
import { TestServer } from '../browser/harness/server.ts';
import type { Tab } from '../browser/harness/tab.ts';
import { agree, waitUntil } from '../browser/harness/wait.ts';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const PASSPHRASE = 'correct horse battery';
/** Enough to fill the strip of blocks. */
const BLOCKS = 14;

/** Shows a route of the page, waits for its heading and the end of animations, and takes a picture. */
async function take({ page }: Tab<Page>, route: string, picture: string): Promise<void> {
  await page.evaluate((at) => {
    const fragment = new URLSearchParams(location.hash.slice(1));
    fragment.set('at', at);
    location.hash = fragment.toString();
  }, route);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.waitForFunction('document.getAnimations().every((animation) => animation.playState !== "running")');
  const notes = page.getByRole('status').getByRole('button');
  while ((await notes.count()) > 0) await notes.first().click();
  await page.screenshot({ path: `${FOLDER}${picture}.png` });
}

async function main(): Promise<void> {
  const server = await TestServer.start();
  const desk = await Chromium.launch({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
  const phone = await Chromium.launch({ viewport: { width: 390, height: 844 }, locale: 'zh-TW' });
  try {
    const url = server.url + testNetworkLink('class-3b', { powLimitBits: 0x1e1fffff, stampBits: 0x1e7fffff });
    const alex = await desk.openTab('alex', url);
    const ming = await phone.openTab('ming', url);
    await waitUntil([alex, ming], 'a link', (all) => all.every(({ peers }) => peers.some(({ state }) => state === 'ready')));
    await alex.call('register', { name: 'alex', passphrase: PASSPHRASE });
    await ming.call('register', { name: 'ming', passphrase: PASSPHRASE });
    await alex.call('keyFileSaved');
    await ming.call('keyFileSaved');
    await alex.call('mine', true, { threads: 1 });
    await waitUntil([alex, ming], 'both registered, coins to spend', (all) => {
      const isRegistered = all.every(({ account }) => account?.registration === 'confirmed');
      return agree(all) && isRegistered && Number(all[0]!.spendable) > 200;
    });
    await alex.call('transfer', { to: 'ming', amount: '42', memo: 'for the booth' });
    await waitUntil([ming], 'the payment', ([status]) => Number(status!.spendable) > 0);
    await ming.call('transfer', { to: 'alex', amount: '2.5', memo: '謝謝' });
    await waitUntil([alex, ming], 'a chain to look at', (all) => agree(all) && all.every(({ height }) => height >= BLOCKS));
    await take(alex, '/', 'home');
    await take(alex, '/blocks', 'blocks');
    await take(alex, '/history', 'history');
    await take(ming, '/', 'phone');
  } finally {
    await Promise.all([desk.dispose(), phone.dispose()]);
    await server.kill();
  }
}

await main();
