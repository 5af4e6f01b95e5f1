import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TabchainApi } from '../../src/api/api.ts';
import { Chromium } from './harness/chromium.ts';
import { go } from './harness/go.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { StaticHost } from './harness/static-host.ts';
import type { Tab } from './harness/tab.ts';
import { agree, waitUntil } from './harness/wait.ts';

/** Two browsers on a static host: there is no signaling server, and the tabs of two browsers share no channel. */
describe.sequential('tabs that meet by hand', () => {
  let host: StaticHost;
  let url: string;
  const browsers: Chromium[] = [];
  let alex: Tab<Page>;
  let ming: Tab<Page>;

  beforeAll(async () => {
    host = await StaticHost.start();
    url = host.url + testNetworkLink('by-hand', { grant: 5_000_000 });
    for (let i = 0; i < 2; i++) browsers.push(await Chromium.launch({ viewport: { width: 360, height: 740 } }));
    [alex, ming] = await Promise.all([browsers[0]!.openTab('alex', url), browsers[1]!.openTab('ming', url)]);
  });

  afterAll(async () => {
    for (const browser of browsers) await browser.dispose();
    await host?.stop();
  });

  const linkOf = (tab: Tab<Page>): Promise<string> => tab.page.locator('details a.mono').getAttribute('href').then(String);

  test('the invited person opens the link, and the inviting person scans a picture of the reply: the tabs are linked', async () => {
    await go(alex, '/meet');
    await alex.page.getByRole('img', { name: 'QR code of the invitation' }).waitFor();
    const invitation = await linkOf(alex);
    expect(/invite-[\w-]+$/.exec(invitation)![0].length).toBeLessThanOrEqual(400);

    await ming.page.evaluate((link) => (location.hash = new URL(link).hash), invitation);
    const code = ming.page.getByRole('img', { name: 'QR code of the reply' });
    await code.waitFor();
    const reply = /reply-[\w-]+$/.exec(await linkOf(ming))![0];
    expect(reply.length).toBeLessThanOrEqual(400);

    await alex.page.getByLabel('Picture of the code').setInputFiles({
      name: 'reply.png',
      mimeType: 'image/png',
      buffer: await code.screenshot(),
    });
    for (const tab of [alex, ming]) await tab.page.getByText('The two tabs are linked').waitFor();
    const statuses = await waitUntil([alex, ming], 'a link', (both) => both.every((status) => status!.peers[0]?.state === 'ready'));
    for (const { peers } of statuses) expect(peers.map(({ kind, met }) => [kind, met])).toEqual([['direct', 'hand']]);
  });

  test('only the reply to this invitation uses it up: a link that another invitation has made does not', async () => {
    await go(alex, '/network');
    await go(alex, '/meet');
    await alex.page.getByRole('img', { name: 'QR code of the invitation' }).waitFor();
    const shown = await linkOf(alex);
    const wu = await browsers[1]!.newTab('wu', { apart: true });
    await wu.open(url);
    const reply = await alex.call('acceptInvitation', (await wu.call('invite')).text);
    const { self } = await wu.call('neighbourhood');
    // The interface hears each event before this listener.
    await alex.page.evaluate((id) => {
      const { tabchain } = window as unknown as { tabchain: Pick<TabchainApi, 'subscribe'> };
      tabchain.subscribe((event) => {
        if (event.type !== 'status') return;
        const { peers } = event.status;
        if (peers.some((peer) => peer.id === id && peer.met === 'hand' && peer.state === 'ready')) document.body.dataset['hears'] = 'yes';
      });
    }, self);
    await wu.call('acceptReply', reply.text);
    await alex.page.waitForFunction(() => document.body.dataset['hears'] === 'yes');
    expect(await alex.page.getByText('The two tabs are linked').count()).toBe(0);
    expect(await linkOf(alex)).toBe(shown);

    // Another tab may use it still, even a tab that is linked already; here its person sends the reply as text.
    const { text } = await ming.call('acceptInvitation', shown);
    await alex.page.getByLabel('Reply or invitation').fill(text);
    await alex.page.getByRole('button', { name: 'Use it' }).click();
    await alex.page.getByText('The two tabs are linked').waitFor();
    await alex.page.getByRole('button', { name: 'Invite somebody else' }).click();
    await expect.poll(() => linkOf(alex)).not.toBe(shown);
    await wu.close();
  });

  test('they reach one tip, and a payment arrives', async () => {
    await alex.call('register', { name: 'alex', passphrase: 'correct horse battery' });
    await ming.call('register', { name: 'ming', passphrase: 'correct horse battery' });
    await alex.call('mine', true, { threads: 1 });
    await waitUntil(
      [alex, ming],
      'both names in one chain',
      (both) => agree(both) && both.every((status) => status!.account?.registration === 'confirmed'),
    );
    const before = Number((await ming.status()).balance);
    await alex.call('transfer', { to: 'ming', amount: '2' });
    await waitUntil([ming], 'the payment', ([status]) => Number(status!.balance) === before + 2);
    await alex.call('mine', false);
    expect([...alex.problems, ...ming.problems].filter((problem) => !/signal|links\.json|404/.test(problem))).toEqual([]);
  });

  test('a wrong text is refused with its reason', async () => {
    await go(alex, '/network');
    await go(alex, '/meet');
    await alex.page.getByLabel('Reply or invitation').fill('reply-abc');
    await alex.page.getByRole('button', { name: 'Use it' }).click();
    await alex.page.getByText('This is not a whole invitation or reply.').waitFor();
  });
});
