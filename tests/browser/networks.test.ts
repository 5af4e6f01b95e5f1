import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Chromium } from './harness/chromium.ts';
import { go } from './harness/go.ts';
import { expectNoSidewaysScroll } from './harness/looks.ts';
import { TestServer } from './harness/server.ts';
import type { Tab } from './harness/tab.ts';
import { waitUntil } from './harness/wait.ts';

/** A teacher makes a network in the page; a phone enters it by six letters. */
describe.sequential('networks', () => {
  let server: TestServer;
  let desk: Chromium;
  let pocket: Chromium;
  let teacher: Tab<Page>;
  let phone: Tab<Page>;
  let label: string;

  beforeAll(async () => {
    server = await TestServer.start();
    desk = await Chromium.launch();
    pocket = await Chromium.launch({ viewport: { width: 390, height: 844 }, touch: true });
    teacher = await desk.openTab('teacher', server.url);
    phone = await pocket.openTab('phone', server.url);
    label = `class-${Date.now() % 100_000}`;
  });

  afterAll(async () => {
    await desk?.dispose();
    await pocket?.dispose();
    await server?.kill();
  });

  test('a wrong rule is refused at its field, and a network is made by clicks', async () => {
    await teacher.page.getByRole('link', { name: 'another network, or a new one' }).click();
    await teacher.page.getByRole('heading', { level: 1, name: 'Networks' }).waitFor();
    await teacher.page.getByLabel('Name', { exact: true }).fill(label.replace('class-', 'Class '));
    await teacher.page.getByText('Rules in detail').click();
    await teacher.page.getByLabel('Seconds between blocks').fill('0');
    await teacher.page.getByRole('button', { name: 'Create', exact: true }).click();
    await expect.poll(() => teacher.page.getByLabel('Seconds between blocks').getAttribute('aria-invalid')).toBe('true');
    await teacher.page.getByLabel('Seconds between blocks').fill('1');
    await teacher.page.getByRole('button', { name: 'Create', exact: true }).click();
    await teacher.page.getByText('This link begins the network').waitFor();
    await teacher.screenshot('networks-created');
    await teacher.page.getByRole('link', { name: 'Open this network' }).click();
    await expect.poll(async () => (await teacher.call('status')).network.label, { timeout: 20_000 }).toBe(label);
    expect((await teacher.call('status')).network).toMatchObject({ blockTimeMs: 1_000, grant: '100', subsidy: '50' });
  });

  test('its code leads a phone into it', async () => {
    await teacher.call('register', { name: 'teacher', passphrase: 'correct horse battery' });
    await go(teacher, '/networks');
    await teacher.page.getByRole('button', { name: 'Show its code' }).click();
    const shown = teacher.page.locator('.code');
    await shown.waitFor();
    const code = (await shown.textContent())!.trim();
    await teacher.screenshot('networks-code');
    await go(phone, '/networks');
    await phone.page.getByLabel('Code', { exact: true }).fill('AAA AAA');
    await phone.page.getByRole('button', { name: 'Find the network' }).click();
    await phone.page.getByText('Nobody answers to this code').waitFor({ timeout: 20_000 });
    await phone.page.getByLabel('Code', { exact: true }).fill(code.toLowerCase());
    await phone.page.getByRole('button', { name: 'Find the network' }).click();
    await phone.page.getByText('This code leads to').waitFor({ timeout: 20_000 });
    await phone.screenshot('networks-found-phone');
    await phone.page.getByRole('link', { name: 'Open this network' }).click();
    await expect.poll(async () => (await phone.call('status')).network.label, { timeout: 20_000 }).toBe(label);
    await phone.call('register', { name: 'student', passphrase: 'correct horse battery' });
    await teacher.call('mine', true, { threads: 1 });
    await waitUntil([teacher, phone], 'both registered', ([a, b]) => [a, b].every((s) => s!.account?.registration === 'confirmed'));
    await teacher.call('mine', false);
    expect(await phone.call('status')).toMatchObject({ balance: '100' });
  });

  test('the device remembers its networks, and leaves out a network that its person no longer wants', async () => {
    await go(phone, '/networks');
    const list = phone.page.locator('li');
    await list.filter({ hasText: label }).getByText('Open now').waitFor();
    await list.filter({ hasText: label }).getByText('student').waitFor();
    await list.filter({ hasText: 'main' }).getByRole('button', { name: 'Remove from the list' }).click();
    await expect.poll(() => list.filter({ hasText: 'main' }).count()).toBe(0);
    const known = await phone.call('knownNetworks');
    expect(known.map((network) => network.label)).toEqual([label]);
    await expect(phone.call('forgetNetwork', known[0]!.link)).rejects.toMatchObject({ code: 'network-in-use' });
    await phone.screenshot('networks-known-phone');
    expect([...teacher.problems, ...phone.problems]).toEqual([]);
  });

  test('the wall shows code, people, branches and news, from a tab without an account', async () => {
    const wall = await desk.newTab('wall', { apart: true });
    await wall.page.setViewportSize({ width: 1920, height: 1080 });
    const { link } = (await teacher.call('status')).network;
    await wall.open(`${server.url}${link}&at=/present`);
    await waitUntil([wall], 'the chain on the wall', ([s]) => s!.height > 0);
    await expect.poll(() => wall.page.locator('.code').textContent(), { timeout: 20_000 }).toMatch(/^[A-Z]{3} [A-Z]{3}$/);
    expect(await wall.page.locator('.code').textContent()).toBe(
      await teacher.call('showCode').then((code) => `${code.slice(0, 3)} ${code.slice(3)}`),
    );
    await phone.call('transfer', { to: 'teacher', amount: '12.5', fee: '0.01' });
    await phone.call('mine', true, { threads: 1 });
    await wall.page.getByText('student paid teacher 12.5.').waitFor({ timeout: 30_000 });
    await wall.page
      .getByText(/^student found block/)
      .first()
      .waitFor({ timeout: 30_000 });
    await phone.call('mine', false);
    await wall.page.locator('li').filter({ hasText: 'teacher' }).first().waitFor();
    await wall.screenshot('present-wall');
    await wall.page.setViewportSize({ width: 390, height: 844 });
    await wall.screenshot('present-phone');
    await expectNoSidewaysScroll(wall, 'present');
    await wall.page.getByRole('link', { name: 'Leave this view' }).click();
    await wall.page.getByRole('navigation').first().waitFor();
    expect(wall.problems).toEqual([]);
    await wall.close();
  });

  test('the code ends with the page that shows it', async () => {
    const code = await teacher.call('showCode');
    await go(teacher, '/');
    await expect(phone.call('findNetwork', code)).rejects.toMatchObject({ code: 'code-unknown' });
  });
});
