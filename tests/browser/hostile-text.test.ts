import { randomBytes, webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressText } from '../../src/crypto/address.ts';
import { privateKeyFromPkcs8 } from '../../src/crypto/rsa/private-key.ts';
import { formatNetworkLink, type Network } from '../../src/protocol/network.ts';
import { encryptKeyFile } from '../../src/wallet/keyfile.ts';
import { grantNetwork } from '../interop/exported-chain.ts';
import { BlockBuilder, registrationOf, testAccount, transferOf } from '../scenarios/support/builders.ts';
import { altered } from '../unit/node/file/support.ts';
import { feed, loadSqlJs, openNode } from '../unit/chain/support.ts';
import { Chromium } from './harness/chromium.ts';
import { go } from './harness/go.ts';
import { TestServer } from './harness/server.ts';
import type { Tab } from './harness/tab.ts';
import { waitUntil } from './harness/wait.ts';

const PASSPHRASE = 'correct horse battery';
const DESK = { width: 1280, height: 800 };
const PHONE = { width: 360, height: 740 };
/** The label of the field that takes somebody else's file. */
const FILE = 'SQLite file of somebody else';
const HUGE = Buffer.alloc(10 << 20, '<b>');

/** Memos that the rules allow, as a foreign node may write them: markup, SQL, a formula, letters from right to left, stacked marks. */
const MEMOS = {
  markup: '<img src=x onerror="globalThis.hurt=1"><script>globalThis.hurt=2</script></span></li>{globalThis.hurt = 8}',
  sql: `'); DROP TABLE accounts; --`,
  formula: '=HYPERLINK("https://evil.example","your prize")',
  rightToLeft: 'שלום 100.000000 עולם (מאושר)',
  marks: `Z${'\u0300'.repeat(69)}`,
  long: 'w'.repeat(140),
  unseen: '\ufeff\u200b\u2060tea\u00ad',
} as const;

/** Somebody hands the user hostile texts and files: each page shows them as text, or refuses them in words. Nothing else changes. */
describe.sequential('hostile texts and files', () => {
  let server: TestServer;
  let browser: Chromium;
  let tab: Tab<Page>;
  let page: Page;
  let network: Network;
  let keyFile: string;
  let file: Uint8Array;
  let txids: string[];
  let blockId: string;
  let dialogs: string[];

  beforeAll(async () => {
    network = grantNetwork();
    const [alex, ming] = [testAccount('alex'), testAccount('ming')];
    const builder = new BlockBuilder(network);
    const first = builder.next(builder.genesis, {
      miner: ming,
      transactions: [registrationOf(network, alex), registrationOf(network, ming)],
    });
    const transfers = Object.values(MEMOS).map((memo, nonce) =>
      transferOf(network, alex, { to: ming, amount: 1_000 + nonce, nonce, memo }),
    );
    const second = builder.next(first, { miner: ming, transactions: transfers });
    txids = transfers.map(({ id }) => id);
    blockId = second.id;
    const node = await openNode(await loadSqlJs(), network);
    await feed(node, [first, second]);
    file = node.store.export();
    const env = { subtle: webcrypto.subtle as SubtleCrypto, random: { bytes: (length: number) => new Uint8Array(randomBytes(length)) } };
    const privateKey = (key: typeof ming.signingKey) => privateKeyFromPkcs8(new Uint8Array(key.export({ format: 'der', type: 'pkcs8' })));
    keyFile = await encryptKeyFile(
      { name: 'ming', networkId: network.id, signing: privateKey(ming.signingKey), encryption: privateKey(ming.encryptionKey) },
      PASSPHRASE,
      env,
    );
    server = await TestServer.start();
    browser = await Chromium.launch({ viewport: DESK });
    tab = await browser.openTab('ming', server.url + formatNetworkLink(network));
    page = tab.page;
    dialogs = [];
    page.on('dialog', (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    await page.emulateMedia({ reducedMotion: 'reduce' });
  });

  afterAll(async () => {
    await browser?.dispose();
    await server?.kill();
  });

  const give = (label: string, name: string, buffer: Buffer, mimeType = 'application/octet-stream'): Promise<void> =>
    page.getByLabel(label, { exact: true }).first().setInputFiles({ name, mimeType, buffer });
  const alerts = (): Promise<string[]> => page.getByRole('alert').allInnerTexts();
  const refused = (words: RegExp): Promise<void> => expect.poll(alerts).toContainEqual(expect.stringMatching(words));

  /** No text became markup or ran, no page is wider than its screen, and no text of a stranger leaves its place. */
  async function harmless(): Promise<void> {
    const found = await page.evaluate(() => {
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const outside: string[] = [];
      while (walker.nextNode()) {
        const { data, parentElement } = walker.currentNode as Text;
        if (!/[\u0590-\u05ff]|\u0300{9}/.test(data) || parentElement!.closest('.visually-hidden, textarea, .cm-content')) continue;
        const isClipped = (element: Element | null): boolean =>
          element !== null &&
          element !== document.body &&
          (getComputedStyle(element).overflowY !== 'visible' || isClipped(element.parentElement));
        const isIsolated =
          parentElement!.closest('bdi') !== null || /^[^\u0590-\u05ff]*\u2068[^\u2069]*\u2069[^\u0590-\u05ff]*$/.test(data);
        if (!isIsolated || (/\u0300{9}/.test(data) && !isClipped(parentElement))) outside.push(data);
      }
      return {
        outside,
        hurt: (globalThis as { hurt?: number }).hurt ?? 0,
        markup: document.querySelectorAll('img[src="x"], body script:not([src]):not([type]), b > b').length,
        wider: document.documentElement.scrollWidth - document.documentElement.clientWidth,
      };
    });
    expect(found).toEqual({ outside: [], hurt: 0, markup: 0, wider: 0 });
    expect(dialogs).toEqual([]);
    expect(tab.problems).toEqual([]);
  }

  /** Opens a page, and looks at it on a desk and on a phone. */
  async function look(path: string, text: string, name: string): Promise<void> {
    await go(tab, path);
    const shown = page.getByRole('main').getByText(text, { exact: false }).filter({ visible: true }).first();
    await shown.waitFor();
    for (const viewport of [DESK, PHONE]) {
      await page.setViewportSize(viewport);
      await shown.waitFor();
      await harmless();
      await tab.screenshot(`hostile-${name}-${viewport.width}`);
    }
    await page.setViewportSize(DESK);
  }

  test('a key file of another kind, a huge one and one with a hostile name are refused in words', async () => {
    await go(tab, '/login');
    const submit = async (): Promise<void> => {
      await page.getByLabel('Passphrase', { exact: true }).first().fill(PASSPHRASE);
      await page.getByRole('main').getByRole('button', { name: 'Log in', exact: true }).click();
    };
    for (const bytes of [HUGE, Buffer.from('SQLite format 3\0'), Buffer.from('<script>globalThis.hurt=3</script>')]) {
      await give('Key file', `\u202e<img src=x onerror=globalThis.hurt=4>שלום${'\u0300'.repeat(100)}.pem`, bytes);
      await submit();
      await refused(/key file/i);
      await harmless();
      await page.getByRole('button', { name: 'Remove it', exact: true }).click();
    }
    await give('Key file', 'ming.pem', Buffer.from(keyFile.replace(/^Name: .*$/m, 'Name: <script>globalThis.hurt=5</script>')));
    await submit();
    await waitUntil([tab], 'the account', ([s]) => s!.account?.address !== undefined && s!.account !== null);
    // The form leads home after the status has the account.
    await expect.poll(() => page.evaluate(() => decodeURIComponent(location.hash))).not.toContain('/login');
    await harmless();
  });

  test('the file of a chain with hostile memos is taken: its memos follow the rules', async () => {
    await go(tab, '/database');
    await give(FILE, 'class.sqlite', Buffer.from(file));
    await page.getByText('class.sqlite is a valid chain.').waitFor();
    await page.getByRole('button', { name: 'Use its blocks', exact: true }).click();
    await waitUntil([tab], 'the chain', ([s]) => s!.height === 2);
    await harmless();
  });

  test('every page shows the memos as text', async () => {
    await look('/history', MEMOS.markup, 'history');
    await look('/account/alex', MEMOS.sql, 'account');
    await look(`/blocks/${blockId}`, MEMOS.formula, 'block');
    await look('/blocks', 'ming', 'blocks');
    await look('/people', 'alex', 'people');
    for (const [i, [name, memo]] of Object.entries(MEMOS).entries()) await look(`/tx/${txids[i]!}`, memo.trim(), `tx-${name}`);
    await go(tab, `/tx/${txids[4]!}`);
    await page.getByRole('main').getByText(MEMOS.marks).first().waitFor();
    await page.getByRole('button', { name: 'Receipt', exact: true }).click();
    await page.getByRole('dialog').waitFor();
    await harmless();
    await tab.screenshot('hostile-receipt');
    await page.keyboard.press('Escape');
    const { text } = await tab.call('receipt', { transaction: txids[3]! });
    await go(tab, '/receipt');
    await page.getByRole('main').getByRole('textbox').first().fill(text);
    await page.getByRole('main').getByText(MEMOS.rightToLeft).first().waitFor();
    await harmless();
    await page
      .getByRole('main')
      .getByRole('textbox')
      .first()
      .fill(HUGE.toString('latin1', 0, 1 << 20));
    await expect.poll(() => page.getByRole('main').innerText()).toMatch(/receipt/i);
    await harmless();
  });

  test('the history as CSV, and answers to SQL as CSV and JSON, hold the memos, and no formula', async () => {
    const saved = async (button: string): Promise<string> => {
      const saving = page.waitForEvent('download');
      await page.getByRole('button', { name: button, exact: true }).first().click();
      return readFileSync(await (await saving).path(), 'utf8');
    };
    await go(tab, `/database?sql=${encodeURIComponent('SELECT memo, coins FROM transfers ORDER BY id')}`);
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.getByRole('cell', { name: MEMOS.sql }).waitFor();
    await harmless();
    await tab.screenshot('hostile-sql');
    const csv = await saved('Save as CSV');
    expect(csv).toContain(`"'=HYPERLINK(""https://evil.example""`);
    expect(csv).not.toMatch(/(^|,)"?=/m);
    const rows = JSON.parse(await saved('Save as JSON')) as { memo: string }[];
    expect(rows.map(({ memo }) => memo.replace(/^\ufeff/, ''))).toEqual(Object.values(MEMOS).map((memo) => memo.replace(/^\ufeff/, '')));
    await page.getByRole('radio', { name: 'Chart', exact: true }).locator('..').click();
    await page.getByRole('main').getByRole('rowheader').first().waitFor();
    await harmless();
    await page.setViewportSize(PHONE);
    await harmless();
    await tab.screenshot('hostile-chart-360');
    await page.setViewportSize(DESK);
    await go(tab, '/history');
    expect(await saved('Save as CSV')).not.toMatch(/(^|,)"?=/m);
  });

  test('a file with triggers that mint, with views that lie, that is no database or that is huge changes nothing', async () => {
    const sqlJs = await loadSqlJs();
    const before = await tab.status();
    const change = (sql: string): Buffer => Buffer.from(altered(sqlJs, file, (database) => void database.run(sql)));
    const files: [name: string, buffer: Buffer, words: RegExp][] = [
      [
        'mint.sqlite',
        change('CREATE TRIGGER mint AFTER UPDATE ON accounts BEGIN UPDATE accounts SET balance = 9000000000000; END'),
        /has other tables, views or triggers/,
      ],
      ['rich.sqlite', change(`UPDATE accounts SET balance = balance + 1000000 WHERE name = 'ming'`), /is not a valid chain/],
      [
        'lies.sqlite',
        change(
          'ALTER TABLE accounts RENAME TO truth; CREATE VIEW accounts AS SELECT id, address, name, 9000000000000 AS balance FROM truth',
        ),
        /has other tables, views or triggers|holds no chain/,
      ],
      [
        'names.sqlite',
        change(`UPDATE accounts SET name = '<img src=x onerror=globalThis.hurt=6>\u202eשלום${'\u0300'.repeat(99)}' WHERE name = 'alex'`),
        /is not a valid chain/,
      ],
      ['text.sqlite', HUGE, /not a SQLite file/],
      ['empty.sqlite', Buffer.alloc(0), /not a SQLite file|is not a valid chain/],
      [`\u202eetilqs.<img src=x onerror=globalThis.hurt=7>שלום${'\u0300'.repeat(100)}.sqlite`, Buffer.from(file), /is a valid chain/],
    ];
    await go(tab, '/database');
    for (const [name, buffer, words] of files) {
      await give(FILE, name, buffer);
      await expect.poll(() => page.getByRole('main').innerText(), { message: name, timeout: 10_000 }).toMatch(words);
      await harmless();
      if (buffer.length > 0) await tab.screenshot(`hostile-file-${name.startsWith('\u202e') ? 'name' : name}`);
      await page.getByRole('button', { name: 'Close the file', exact: true }).click();
    }
    const { height, stateRoot, balance } = await tab.status();
    expect({ height, stateRoot, balance }).toEqual({ height: before.height, stateRoot: before.stateRoot, balance: before.balance });
  });

  test('contacts, payment links, pictures and links of networks: shown as text, or refused', async () => {
    await go(tab, '/contacts');
    const contacts = (label: string): Buffer =>
      Buffer.from(
        JSON.stringify({
          format: 'tabchain-contacts',
          version: 1,
          network: network.id,
          contacts: [{ address: addressText(testAccount('alex').address), label }],
        }),
      );
    for (const bytes of [contacts('\u202eevil'), contacts('x'.repeat(41)), HUGE, Buffer.from('{"__proto__":{"hurt":8}}')]) {
      await give('Contacts file', 'contacts.json', bytes, 'application/json');
      await refused(/nothing was taken/);
    }
    await harmless();
    await look(
      `/transfer?to=${encodeURIComponent('<b>שלום</b>')}&amount=${encodeURIComponent('1<script>')}&memo=${encodeURIComponent(MEMOS.markup)}`,
      'You are paying',
      'payment',
    );
    await page.getByRole('button', { name: 'Scan', exact: true }).first().click();
    const dialog = page.getByRole('dialog');
    for (const bytes of [HUGE, Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="globalThis.hurt=9"/>')]) {
      await dialog.getByLabel('Picture of the code').setInputFiles({ name: 'code.svg', mimeType: 'image/svg+xml', buffer: bytes });
      await expect.poll(() => dialog.getByRole('alert').allInnerTexts()).toContainEqual(expect.stringMatching(/\w{4}/));
    }
    await harmless();
    await page.keyboard.press('Escape');
    for (const [i, label] of ['<img src=x onerror=globalThis.hurt=10>', 'שלום', `z${'\u0300'.repeat(99)}`, 'x'.repeat(100_000)].entries()) {
      await page.goto(`${server.url}#net=${encodeURIComponent(label)}`);
      await page.reload();
      await expect.poll(() => page.locator('body').innerText(), { message: label.slice(0, 50) }).toMatch(/label|link/i);
      await harmless();
      await tab.screenshot(`hostile-link-${i}`);
    }
  });
});
