import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Chromium } from './harness/chromium.ts';
import { go } from './harness/go.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { payerAndPayee } from './harness/payer.ts';
import { TestServer } from './harness/server.ts';
import type { Tab } from './harness/tab.ts';
import { agree, waitUntil } from './harness/wait.ts';

const PASSPHRASE = 'correct horse battery';

/** Money and accounts as a person meets them: no payment without a check, and no key file counts as saved unseen. */
describe.sequential('money', () => {
  let server: TestServer;
  let browser: Chromium;
  let url: string;
  let alex: Tab<Page>;
  let ming: Tab<Page>;

  beforeAll(async () => {
    server = await TestServer.start();
    browser = await Chromium.launch();
    url = server.url + testNetworkLink('money', { blockTimeMs: 2_000, powLimitBits: 0x1e3fffff, stampBits: 0x1e7fffff });
    [alex, ming] = await payerAndPayee(browser, url, PASSPHRASE);
  });

  afterAll(async () => {
    await browser?.dispose();
    await server?.kill();
  });

  const field = (tab: Tab<Page>, name: string) => tab.page.getByLabel(name, { exact: true });
  const button = (tab: Tab<Page>, name: string) => tab.page.getByRole('button', { name, exact: true });
  const check = (tab: Tab<Page>) => tab.page.getByRole('region', { name: 'Please check before you pay' });
  const waiting = async (): Promise<number> => (await alex.status()).mempool.count;

  test('the first Enter shows the check, the second pays; a double click pays nothing', async () => {
    await go(alex, '/transfer');
    await field(alex, 'Recipient').fill('＠ＭＩＮＧ');
    await field(alex, 'Amount').fill('０，５');
    await button(alex, 'Check').dblclick();
    await check(alex).waitFor();
    expect(await check(alex).innerText()).toMatch(/ming[\s\S]*\n0\.5\D/);
    expect(await waiting()).toBe(0);
    await button(alex, 'Change').click();
    await field(alex, 'Amount').press('Enter');
    await check(alex).waitFor();
    expect(await waiting()).toBe(0);
    await alex.page.waitForTimeout(400);
    await alex.page.keyboard.press('Enter');
    await expect.poll(waiting).toBe(1);
    const [entry] = await alex.call('history', { limit: 1 });
    expect(entry).toMatchObject({ amount: '0.5', to: { name: 'ming' } });
  });

  test('an ambiguous amount is refused, with both meanings to choose from', async () => {
    await field(alex, 'Recipient').fill('ming');
    await field(alex, 'Amount').fill('1,234');
    await button(alex, 'Check').click();
    await expect.poll(() => alex.page.getByRole('alert').allInnerTexts()).toContainEqual(expect.stringContaining('two ways'));
    await button(alex, '1.234').click();
    expect(await field(alex, 'Amount').inputValue()).toBe('1.234');
  });

  test('an amount above the balance offers the largest possible amount', async () => {
    const { spendable } = await alex.status();
    await field(alex, 'Amount').fill(spendable!);
    const most = await alex.call('maximumAmount');
    await alex.page.getByRole('button', { name: /the most with this fee/ }).click();
    expect(await field(alex, 'Amount').inputValue()).toBe(most);
    await button(alex, 'Check').click();
    await check(alex).waitFor();
  });

  test('the form follows the address, and an earlier check is no longer payable', async () => {
    await go(alex, '/transfer?to=alex&amount=20');
    await expect.poll(() => field(alex, 'Amount').inputValue()).toBe('20');
    expect(await field(alex, 'Recipient').inputValue()).toBe('alex');
    expect(await button(alex, 'Send').count()).toBe(0);
  });

  test('the payment is what the check shows, although a page translator has replaced the texts', async () => {
    await field(alex, 'Recipient').fill('ming');
    await field(alex, 'Amount').fill('3');
    await button(alex, 'Check').click();
    await check(alex).waitFor();
    const translate = (): Promise<void> =>
      alex.page.evaluate(() => {
        const walker = document.createTreeWalker(document.querySelector('main')!, NodeFilter.SHOW_TEXT);
        const texts: Text[] = [];
        while (walker.nextNode()) texts.push(walker.currentNode as Text);
        for (const text of texts) {
          if (text.data.trim() === '') continue;
          const font = document.createElement('font');
          font.textContent = text.data;
          text.replaceWith(font);
        }
      });
    await translate();
    await button(alex, 'Change').click();
    await field(alex, 'Recipient').fill('alex');
    await field(alex, 'Amount').fill('7');
    await button(alex, 'Check').click();
    await check(alex).waitFor();
    expect(await check(alex).innerText()).toMatch(/alex[\s\S]*\n7\D/);
    await alex.page.waitForTimeout(600);
    await button(alex, 'Send').click();
    await expect.poll(async () => (await alex.call('history', { limit: 1 }))[0]).toMatchObject({ amount: '7', to: { name: 'alex' } });
  });

  test('a payment link pasted as the recipient fills the form; names are read the same everywhere', async () => {
    const { address } = (await ming.status()).account!;
    const link = `${url}&at=${encodeURIComponent('/transfer?to=ming&amount=2&memo=tea')}`;
    await field(alex, 'Recipient').fill(`see ${link}`);
    await expect.poll(() => field(alex, 'Recipient').inputValue()).toBe('ming');
    expect(await field(alex, 'Amount').inputValue()).toBe('2');
    for (const text of ['Ming', '＠ming', ' mi\u200bng ', address.toUpperCase(), link]) {
      expect((await alex.call('account', text))?.address, text).toBe(address);
      expect(await alex.call('search', text), text).toMatchObject({ kind: 'account', address });
      expect((await alex.call('previewTransfer', { to: text, amount: '0,5' })).to.address, text).toBe(address);
    }
  });

  test('a payment link in a second tab goes to the tab that has the account', async () => {
    await go(alex, '/');
    const second = await browser.newTab('second');
    await second.open(`${url}&at=${encodeURIComponent('/transfer?to=ming&amount=20')}`);
    await second.page
      .getByText('It was passed to the tab where alex is open', { exact: false })
      .or(second.page.getByText('Pay from the tab of alex'))
      .first()
      .waitFor();
    if ((await button(second, 'Pay from the tab of alex').count()) > 0) await button(second, 'Pay from the tab of alex').click();
    await expect.poll(() => field(alex, 'Amount').inputValue()).toBe('20');
    expect(await field(alex, 'Recipient').inputValue()).toBe('ming');
    await second.close();
  });

  test('a guest sees whom a link pays, and returns to the payment after registering', async () => {
    const guest = await browser.newTab('guest');
    await guest.page.goto('about:blank');
    await alex.close();
    await ming.call('logout');
    await guest.open(`${url}&at=${encodeURIComponent('/transfer?to=Ming&amount=0,5')}`);
    await waitUntil([guest, ming], 'the chain', agree);
    await expect.poll(() => guest.page.locator('main').innerText()).toMatch(/A payment link[\s\S]*ming[\s\S]*0,5/);
    await guest.page.getByRole('link', { name: 'Open an account', exact: true }).last().click();
    await guest.page.getByRole('link', { name: 'Register', exact: true }).click();
    await field(guest, 'User name').fill('Guest');
    await field(guest, 'Passphrase').fill('password1');
    await field(guest, 'Repeat passphrase').fill('password1');
    await button(guest, 'Register').click();
    await expect
      .poll(() => guest.page.getByRole('alert').allInnerTexts())
      .toContainEqual(expect.stringContaining('first that anybody would guess'));
    await field(guest, 'Passphrase').fill(PASSPHRASE);
    await field(guest, 'Repeat passphrase').fill(PASSPHRASE);
    await button(guest, 'Register').click();
    await button(guest, 'Continue to the payment').click({ timeout: 60_000 });
    await expect.poll(() => field(guest, 'Amount').inputValue()).toBe('0,5');
    alex = guest;
  });

  test('a key file counts as saved when it has been seen, and names its network', async () => {
    await go(alex, '/');
    const download = alex.page.waitForEvent('download');
    await button(alex, 'Save it now').click();
    const path = await (await download).path();
    expect((await alex.status()).account?.keyFileSaved).toBe(false);
    await alex.page
      .locator('dialog input[type=file]')
      .setInputFiles({ name: 'other.pem', mimeType: 'text/plain', buffer: Buffer.from('hello') });
    await alex.page.getByText('This is not the key file of this account').waitFor();
    expect((await alex.status()).account?.keyFileSaved).toBe(false);
    await alex.page.locator('dialog input[type=file]').setInputFiles(path);
    await expect.poll(async () => (await alex.status()).account?.keyFileSaved).toBe(true);
    expect(await alex.call('keyFile')).toMatch(/^Label: money\nLink: http.*#net=money/m);
  });

  test('mining goes on after a reload, and stays off if it was off', async () => {
    await alex.call('mine', true, { threads: 1, throttle: 50 });
    expect((await alex.reload()).account).toMatchObject({ locked: true });
    await waitUntil([alex], 'mining again', ([s]) => s!.mining.on && s!.mining.throttle === 50);
    await alex.page.getByText('Mining continues; to pay, enter your passphrase', { exact: false }).waitFor();
    await alex.call('mine', false);
    await alex.reload();
    await alex.page.getByText('To pay, enter your passphrase', { exact: false }).waitFor();
    expect((await alex.status()).mining.on).toBe(false);
  });

  test('a key of another network is reported as such, and accepted only on confirmation', async () => {
    const pem = await alex.call('keyFile');
    const other = await browser.openTab('other', server.url + testNetworkLink('otherroom', { powLimitBits: 0x1e3fffff }));
    await expect(other.call('importKeyFile', { pem, passphrase: PASSPHRASE })).rejects.toMatchObject({
      code: 'key-file-other-network',
      details: { label: 'money' },
    });
    await expect(other.call('login', { name: 'guest', passphrase: PASSPHRASE })).rejects.toMatchObject({
      code: 'account-unknown',
      details: { label: 'money', place: new URL(server.url).origin },
    });
    expect(await other.call('importKeyFile', { pem, passphrase: PASSPHRASE, otherNetwork: true })).toMatchObject({ name: 'guest' });
    expect(await other.call('keyFile')).toMatch(/^Label: otherroom$/m);
    await other.close();
  });

  test('a passphrase typed on another keyboard opens the account', async () => {
    await alex.call('logout');
    expect(await alex.call('login', { name: 'ＧＵＥＳＴ', passphrase: ' ｃｏｒｒｅｃｔ horse battery' })).toMatchObject({
      name: 'guest',
      locked: false,
    });
  });

  test('a transfer replaced by another of the same account shows that nothing was paid and why, and can be sent again', async () => {
    const pem = await alex.call('keyFile');
    await alex.call('mine', true, { threads: 1 });
    const [rich] = await waitUntil([alex], 'coins', ([s]) => Number(s!.balance) >= 60);
    await alex.call('mine', false);
    const elsewhere = await Chromium.launch();
    try {
      const phone = await elsewhere.openTab('phone', url);
      await waitUntil([phone], 'the chain', ([s]) => s!.height >= rich!.height);
      await phone.call('importKeyFile', { pem, passphrase: PASSPHRASE, name: 'guest' });
      await waitUntil([alex, phone], 'one tip', agree);
      await alex.call('disconnect');
      await phone.call('disconnect');
      await go(alex, '/transfer');
      await field(alex, 'Recipient').fill('ming');
      await field(alex, 'Amount').fill('3');
      await button(alex, 'Check').click();
      await check(alex).waitFor();
      await alex.page.waitForTimeout(600);
      await button(alex, 'Send').click();
      await expect.poll(waiting).toBe(1);
      const { txid } = (await alex.call('history', { limit: 1 }))[0]!;
      await alex.screenshot('money-waiting');
      const other = await phone.call('transfer', { to: 'ming', amount: '5' });
      await phone.call('mine', true, { threads: 1 });
      await waitUntil([phone], 'its block', ([s]) => s!.height >= rich!.height + 2 && s!.mempool.count === 0);
      await phone.call('mine', false);
      await phone.call('connect');
      await alex.call('connect');
      await waitUntil([alex, phone], 'one tip', agree);
      expect(await alex.call('transaction', txid)).toMatchObject({ status: 'dropped', overtakenBy: other.txid });
      const card = alex.page.locator('main section').filter({ hasText: 'Nothing was paid.' }).first();
      await card.waitFor();
      expect(await alex.page.locator('main').innerText()).not.toMatch(/fee paid/i);
      await alex.screenshot('money-overtaken-form');
      await go(alex, `/tx/${txid}`);
      await alex.page.getByText('Fee (not paid)', { exact: true }).waitFor();
      await alex.screenshot('money-overtaken');
      await alex.page.getByRole('link', { name: /Replaced by/ }).click();
      await expect.poll(() => alex.page.evaluate(() => decodeURIComponent(location.hash))).toContain(`/tx/${other.txid}`);
      await alex.page.goBack();
      await alex.page.getByRole('link', { name: 'Send again', exact: true }).click();
      await expect.poll(() => field(alex, 'Recipient').inputValue()).toBe('ming');
      expect(await field(alex, 'Amount').inputValue()).toBe('3');
      await phone.close();
    } finally {
      await elsewhere.dispose();
    }
  });

  test('no error occurred behind the pages', () => {
    for (const { name, problems } of [alex, ming]) expect(problems, name).toEqual([]);
  });
});
