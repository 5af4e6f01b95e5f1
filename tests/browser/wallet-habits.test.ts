import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Language } from '../../src/ui/i18n/languages.ts';
import { Chromium } from './harness/chromium.ts';
import { go } from './harness/go.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { payerAndPayee } from './harness/payer.ts';
import { TestServer } from './harness/server.ts';
import { speak } from './harness/speak.ts';
import type { Tab } from './harness/tab.ts';
import { agree, waitUntil } from './harness/wait.ts';

const PASSPHRASE = 'correct horse battery';

/** What a person does with payments after the first one. */
describe.sequential('wallet habits', () => {
  let server: TestServer;
  let browser: Chromium;
  let alex: Tab<Page>;
  let ming: Tab<Page>;

  beforeAll(async () => {
    server = await TestServer.start();
    browser = await Chromium.launch();
    const url = server.url + testNetworkLink('habits', { blockTimeMs: 2_000, powLimitBits: 0x1e3fffff, stampBits: 0x1e7fffff });
    [alex, ming] = await payerAndPayee(browser, url, PASSPHRASE);
  });

  afterAll(async () => {
    await browser?.dispose();
    await server?.kill();
  });

  const field = (tab: Tab<Page>, name: string) => tab.page.getByLabel(name, { exact: true });
  const button = (tab: Tab<Page>, name: string) => tab.page.getByRole('button', { name, exact: true });

  /** Pictures of the same page for a person to look at: wide and narrow, light and dark, in both languages. */
  async function pictures(tab: Tab<Page>, name: string): Promise<void> {
    if (!process.env['PICTURES']) return;
    const show = async (width: number, colorScheme: 'light' | 'dark', language: Language): Promise<void> => {
      await tab.page.setViewportSize({ width, height: width === 390 ? 844 : 800 });
      await tab.page.emulateMedia({ colorScheme });
      await speak(tab, language);
    };
    for (const [width, scheme, language] of [
      [1280, 'light', 'en'],
      [390, 'dark', 'en'],
      [390, 'light', 'zh-Hant'],
      [1280, 'dark', 'zh-Hant'],
    ] as const) {
      await show(width, scheme, language);
      await tab.screenshot(`habits-${name}-${width}-${scheme}-${language}`);
    }
    await show(1280, 'light', 'en');
  }

  /** Pays ming by the form, at the level of this name. */
  async function pay(amount: string, level: string): Promise<void> {
    await go(alex, '/transfer');
    await field(alex, 'Recipient').fill('ming');
    await field(alex, 'Amount').fill(amount);
    await alex.page.getByRole('radio', { name: new RegExp(`^${level} `) }).check();
    await button(alex, 'Check').click();
    const send = button(alex, 'Send');
    await send.waitFor();
    await alex.page.waitForTimeout(600);
    await send.click();
    await expect.poll(async () => (await alex.call('history', { limit: 1 }))[0]).toMatchObject({ amount, status: 'pending' });
  }

  const newest = async () => (await alex.call('history', { limit: 1 }))[0]!;

  test('a fee is chosen in words, and the check says how long it takes', async () => {
    await go(alex, '/transfer');
    await alex.page.getByRole('group', { name: 'How soon should it be in a block?' }).waitFor();
    await field(alex, 'Recipient').fill('ming');
    await field(alex, 'Amount').fill('2');
    const [next, , whenever] = await alex.call('feeLevels');
    await alex.page.getByRole('radio', { name: /^Whenever / }).check();
    expect(await field(alex, 'Fee').inputValue()).toBe(whenever!.fee);
    await alex.page.getByRole('radio', { name: /^Next block / }).check();
    await expect.poll(() => field(alex, 'Fee').inputValue()).toBe(next!.fee);
    await field(alex, 'Fee').fill('0.02');
    expect(await alex.page.getByRole('radio', { checked: true }).count()).toBe(0);
    await pictures(alex, 'form');
    await button(alex, 'Check').click();
    const check = alex.page.getByRole('region', { name: 'Please check before you pay' });
    await check.waitFor();
    expect(await check.innerText()).toMatch(/Fee\s+0\.02[\s\S]*Expected\s+in the next block/);
    await pictures(alex, 'check');
    await button(alex, 'Change').click();
  });

  test('the recipient is completed from the names of the chain, and saved under a label', async () => {
    await go(alex, '/transfer');
    await field(alex, 'Recipient').fill('');
    await field(alex, 'Recipient').pressSequentially('mi');
    const options = alex.page.getByRole('listbox').getByRole('option');
    await expect.poll(() => options.count()).toBe(1);
    await pictures(alex, 'complete');
    await field(alex, 'Recipient').press('ArrowDown');
    await field(alex, 'Recipient').press('Enter');
    expect(await field(alex, 'Recipient').inputValue()).toBe('ming');
    await button(alex, 'Save as contact').click();
    const dialog = alex.page.getByRole('dialog', { name: 'Save as contact' });
    await dialog.getByLabel('Label').fill('王小明');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await field(alex, 'Recipient').fill('小明');
    await options.filter({ hasText: '王小明' }).click();
    const { address } = (await ming.status()).account!;
    expect(await field(alex, 'Recipient').inputValue()).toBe(address);
    await alex.page.getByRole('region', { name: 'You are paying' }).getByText('王小明').waitFor();
    await go(alex, `/account/${address}`);
    await alex.page.getByRole('main').getByText('王小明').first().waitFor();
  });

  test('contacts go to another device as a file, and a hostile file changes nothing', async () => {
    await go(alex, '/contacts');
    const saving = alex.page.waitForEvent('download');
    await button(alex, 'Save as file').click();
    const file = readFileSync(await (await saving).path(), 'utf8');
    await pictures(alex, 'contacts');
    await button(alex, 'Edit contact').click();
    await alex.page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await alex.page.getByText('No contacts yet').waitFor();
    const give = (text: string): Promise<void> =>
      field(alex, 'Contacts file').setInputFiles({ name: 'contacts.json', mimeType: 'application/json', buffer: Buffer.from(text) });
    await give(file.replace('王小明', '\u202e明小王'));
    await expect.poll(() => alex.page.getByRole('alert').allInnerTexts()).toContainEqual(expect.stringContaining('nothing was taken'));
    await alex.page.getByText('No contacts yet').waitFor();
    await give(file);
    await alex.page.getByText('One contact added.').waitFor();
    await alex.page.getByRole('main').getByText('王小明').waitFor();
  });

  test('a request for an amount is scanned from its code, around the face, and fills the form', async () => {
    await go(ming, '/receive');
    await field(ming, 'Amount to ask for').fill('1,234');
    await expect.poll(() => ming.page.getByRole('alert').allInnerTexts()).toContainEqual(expect.stringContaining('two ways'));
    expect(await ming.page.getByRole('img', { name: 'QR code of your payment link' }).count()).toBe(0);
    await field(ming, 'Amount to ask for').fill('３．２５');
    await field(ming, 'What for').fill('午餐 & 茶');
    await ming.page.getByText('3.25', { exact: true }).waitFor();
    await pictures(ming, 'receive');
    const code = await ming.page.getByRole('img', { name: 'QR code of your payment link' }).screenshot();
    await go(alex, '/transfer');
    await button(alex, 'Scan').click();
    const dialog = alex.page.getByRole('dialog');
    await dialog.getByLabel('Picture of the code').setInputFiles({ name: 'code.png', mimeType: 'image/png', buffer: code });
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(() => field(alex, 'Amount').inputValue()).toBe('3.25');
    expect(await field(alex, 'Memo').inputValue()).toBe('午餐 & 茶');
    await alex.page.getByRole('region', { name: 'You are paying' }).getByText('ming', { exact: true }).waitFor();
    await pictures(alex, 'asked');
  });

  test('a waiting payment shows its fee, which its sender raises', async () => {
    await pay('2.5', 'Whenever');
    const { txid, fee } = await newest();
    await go(alex, '/history');
    const row = alex.page.getByRole('listitem').filter({ hasText: `fee ${fee}` });
    await row.waitFor();
    await pictures(alex, 'waiting');
    await row.getByRole('button', { name: 'Change fee or cancel' }).click();
    const dialog = alex.page.getByRole('dialog', { name: 'A payment that waits' });
    await dialog.getByRole('textbox', { name: 'New fee' }).fill('0.0001');
    await expect.poll(() => dialog.getByRole('alert').allInnerTexts()).toContainEqual(expect.stringContaining('raise the fee to at least'));
    await dialog.getByRole('button', { name: 'Raise the fee' }).click();
    expect((await newest()).txid).toBe(txid);
    await dialog.getByRole('textbox', { name: 'New fee' }).fill('0.05');
    await pictures(alex, 'raise');
    await dialog.getByRole('button', { name: 'Raise the fee' }).click();
    await dialog.waitFor({ state: 'hidden' });
    expect(await newest()).toMatchObject({ amount: '2.5', fee: '0.05', status: 'pending', to: { name: 'ming' } });
    expect(await alex.call('transaction', txid)).toMatchObject({ status: 'dropped', reason: 'replaced' });
  });

  test('its recipient sees it on its way, with its sender', async () => {
    await go(ming, '/');
    await ming.page.getByText('+2.5 on its way from alex').waitFor();
    expect(await ming.status()).toMatchObject({ incoming: '2.5', balance: '0' });
    await ming.page.getByRole('button', { name: /^Events: / }).click();
    const events = ming.page.getByRole('region', { name: 'Last events' });
    // The payment before the raise is gone.
    await expect.poll(() => events.getByText('alex is paying you 2.5 coins').count()).toBe(1);
    await pictures(ming, 'bell');
    await ming.page.keyboard.press('Escape');
    expect(await events.count()).toBe(0);
  });

  test('a waiting payment is cancelled, and its coins stay', async () => {
    const before = await newest();
    const balance = Number((await alex.status()).balance);
    await go(alex, `/tx/${before.txid}`);
    await button(alex, 'Change fee or cancel').click();
    const dialog = alex.page.getByRole('dialog', { name: 'A payment that waits' });
    await dialog.getByRole('radio', { name: /^Cancel the payment/ }).check();
    await pictures(alex, 'cancel');
    await dialog.getByRole('button', { name: 'Cancel the payment' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await alex.call('mine', true, { threads: 1 });
    await expect.poll(async () => (await newest()).status, { timeout: 60_000 }).toBe('confirmed');
    await alex.call('mine', false);
    expect(await newest()).toMatchObject({ direction: 'self', to: { name: 'alex' } });
    await waitUntil([alex, ming], 'one tip', agree);
    expect((await ming.status()).incoming).toBe('0');
    expect(await ming.call('account', 'ming')).toMatchObject({ balance: '0' });
    expect(Number((await alex.status()).balance)).toBeGreaterThan(balance - 1);
  });

  test('the sender of a sealed memo reads it again in this browser, after a reload', async () => {
    const { txid } = await alex.call('transfer', { to: 'ming', amount: '1', memo: 'only for ming', sealed: true });
    await alex.reload();
    await go(alex, `/tx/${txid}`);
    await alex.page.getByText('Sealed: only the recipient can read it.').waitFor();
    await alex.call('login', { passphrase: PASSPHRASE });
    await alex.page.getByText('only for ming').waitFor();
  });

  const NEXT_PASSPHRASE = 'staple of seven horses';

  test('the passphrase is changed, and a key file saved before keeps the old one', async () => {
    const old = await alex.call('keyFile');
    await go(alex, '/settings');
    await button(alex, 'Change passphrase').click();
    const dialog = alex.page.getByRole('dialog', { name: 'Change passphrase' });
    const fill = async (former: string, next: string, repeat = next): Promise<void> => {
      await dialog.getByLabel('Present passphrase').fill(former);
      await dialog.getByLabel('New passphrase', { exact: true }).fill(next);
      await dialog.getByLabel('Repeat the new passphrase').fill(repeat);
      await dialog.getByRole('button', { name: 'Change passphrase' }).click();
    };
    const alerts = () => expect.poll(() => dialog.getByRole('alert').allInnerTexts());
    await fill(PASSPHRASE, NEXT_PASSPHRASE, 'staple of eight horses');
    await alerts().toContainEqual(expect.stringContaining('do not match'));
    await fill('wrong horse battery', NEXT_PASSPHRASE);
    await alerts().toContainEqual(expect.stringContaining('passphrase'));
    await fill(PASSPHRASE, 'alexalex');
    await alerts().toContainEqual(expect.stringContaining('guess'));
    expect(await alex.call('keyFile')).toBe(old);
    await pictures(alex, 'passphrase');
    await fill(PASSPHRASE, NEXT_PASSPHRASE);
    await dialog.waitFor({ state: 'hidden' });
    const saved = await alex.call('keyFile');
    expect(saved).not.toBe(old);
    expect((await alex.status()).account).toMatchObject({ keyFileSaved: false, locked: false });
    await alex.reload();
    await expect(alex.call('login', { passphrase: PASSPHRASE })).rejects.toMatchObject({ code: 'passphrase-wrong' });
    await alex.call('login', { passphrase: NEXT_PASSPHRASE });
    await expect(alex.call('importKeyFile', { pem: old, passphrase: NEXT_PASSPHRASE })).rejects.toMatchObject({ code: 'passphrase-wrong' });
  });

  test('a key locks at once or when nobody is there, while mining goes on', async () => {
    await go(alex, '/settings');
    await alex.page.getByLabel('Lock the key when nobody uses this tab for').selectOption({ label: '5 minutes' });
    await alex.call('mine', true, { threads: 1 });
    await button(alex, 'Lock now').click();
    await waitUntil([alex], 'the lock', ([status]) => status!.account!.locked && status!.mining.on);
    await pictures(alex, 'locked');
    await alex.call('login', { passphrase: NEXT_PASSPHRASE });
    // Six minutes pass on the page's clock.
    await alex.page.evaluate(() => {
      const now = Date.now.bind(Date);
      Date.now = () => now() + 360_000;
    });
    await waitUntil([alex], 'the lock', ([status]) => status!.account!.locked && status!.mining.on);
    await alex.call('mine', false);
    await alex.reload();
    await alex.call('login', { passphrase: NEXT_PASSPHRASE });
  });

  test('a browser holds several accounts, and switches between them by their passphrases', async () => {
    await go(alex, '/');
    await button(alex, 'Switch').click();
    const dialog = alex.page.getByRole('dialog', { name: 'Accounts in this browser' });
    await dialog.getByRole('link', { name: 'Make another account' }).click();
    await field(alex, 'User name').fill('third');
    await field(alex, 'Passphrase').fill(PASSPHRASE);
    await field(alex, 'Repeat passphrase').fill(PASSPHRASE);
    await button(alex, 'Register').click();
    await waitUntil(
      [alex],
      'the third account',
      ([status]) => status!.account?.name === 'third' && status!.account.registration === 'pending',
    );
    await go(alex, '/');
    await button(alex, 'Switch').click();
    await dialog.getByRole('link', { name: /alex/ }).waitFor();
    await pictures(alex, 'switch');
    await dialog.getByRole('link', { name: /alex/ }).click();
    await expect.poll(() => field(alex, 'User name').inputValue()).toBe('alex');
    await field(alex, 'Passphrase').fill(NEXT_PASSPHRASE);
    await button(alex, 'Log in').click();
    await waitUntil([alex], 'alex again', ([status]) => status!.account?.name === 'alex' && !status!.account.locked);
    await alex.page.getByRole('heading', { level: 1, name: 'Home' }).waitFor({ state: 'attached' });
    expect((await alex.call('accounts')).map(({ name }) => name).sort()).toEqual(['alex', 'ming', 'third']);
    expect([alex.problems, ming.problems]).toEqual([[], []]);
  });
});
