import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { FileReport } from '../../../src/api/api.ts';
import { Chromium } from './chromium.ts';
import { go } from './go.ts';
import { TestServer } from './server.ts';
import type { Tab } from './tab.ts';
import { agree, waitUntil } from './wait.ts';

const PASSPHRASE = 'correct horse battery';
/** What a node logs when a peer has broken a rule. */
const VIOLATION = 'net/peer-violation';

/** Two people or more, in two browsers, on one network: anna does an experiment, and ming mines like the rest of a class. */
export class LabClass {
  readonly anna: Tab<Page>;
  readonly ming: Tab<Page>;
  readonly others: readonly Tab<Page>[];
  readonly #ends: readonly (() => Promise<void>)[];
  /** Log lines of tabs that blamed a peer. */
  readonly #violations: string[] = [];

  private constructor([anna, ming, ...others]: readonly [Tab<Page>, Tab<Page>, ...Tab<Page>[]], ends: readonly (() => Promise<void>)[]) {
    this.anna = anna;
    this.ming = ming;
    this.others = others;
    this.#ends = ends;
    for (const { name, page } of this.all) {
      page.on('console', (message) => {
        if (message.text().includes(VIOLATION)) this.#violations.push(`${name}: ${message.text()}`);
      });
    }
  }

  get all(): readonly Tab<Page>[] {
    return [this.anna, this.ming, ...this.others];
  }

  /** All registered, on one tip; ming mines on one thread. @param others names of further people, in turn in the browsers of ming and of anna */
  static async meet(link: string, ...others: readonly string[]): Promise<LabClass> {
    const server = await TestServer.start();
    const browsers = [await Chromium.launch(), await Chromium.launch()] as const;
    const url = server.url + link;
    const [anna, ming, ...rest] = await Promise.all([
      browsers[0].newTab('anna'),
      browsers[1].newTab('ming'),
      ...others.map((name, i) => browsers[i % 2 === 0 ? 1 : 0].newTab(name)),
    ]);
    const all = [anna, ming, ...rest] as const;
    for (const { page } of all) await page.addInitScript(() => localStorage.setItem('tabchainLog', 'net'));
    await Promise.all(all.map((tab) => tab.open(url)));
    await Promise.all(all.map((tab) => tab.call('register', { name: tab.name, passphrase: PASSPHRASE })));
    await ming.call('mine', true, { threads: 1 });
    await waitUntil(all, 'all registered', (statuses) => statuses.every((s) => s.account?.registration === 'confirmed'));
    await Promise.all(all.map((tab) => tab.call('keyFileSaved')));
    return new LabClass(all, [() => browsers[0].dispose(), () => browsers[1].dispose(), () => server.kill()]);
  }

  async end(): Promise<void> {
    for (const end of this.#ends) await end();
  }

  /** Opens an experiment and begins it. */
  async begin(lab: string): Promise<void> {
    await go(this.anna, `/lab/${lab}`);
    await this.button('Begin').click();
  }

  button(name: string) {
    return this.anna.page.getByRole('button', { name, exact: true });
  }

  /** Waits until so many steps of the experiment on screen are done. */
  async stepsDone(count: number, timeout = 60_000): Promise<void> {
    await expect.poll(() => this.anna.page.locator('main ol > li.done').count(), { timeout }).toBeGreaterThanOrEqual(count);
  }

  /** The same on another page, by way of the line at its top; `stay` false returns to that page. */
  async stepsDoneElsewhere(title: RegExp, count: number, stay = true): Promise<void> {
    const { page } = this.anna;
    await page.getByRole('status').getByRole('link', { name: title }).click();
    await this.stepsDone(count);
    if (!stay) await page.goBack();
  }

  /** Follows the link of the step that is next. */
  goThere(): Promise<void> {
    return this.anna.page.getByRole('link', { name: 'Go there' }).click();
  }

  /** Waits for the end of an experiment, on whatever page anna is. */
  finished(): Promise<void> {
    return this.anna.page.getByText('All steps are done.').waitFor({ timeout: 60_000 });
  }

  /** Pays on the page of transfers, as people do. */
  async pay(to: string, amount: string, { fee, sealed }: { fee?: string; sealed?: string } = {}): Promise<void> {
    const { page } = this.anna;
    const field = (name: string) => page.getByLabel(name, { exact: true });
    await field('Recipient').fill(to);
    await field('Amount').fill(amount);
    if (fee !== undefined) await field('Fee').fill(fee);
    if (sealed !== undefined) {
      await field('Memo').fill(sealed);
      await page.getByLabel(/Seal this memo/).check();
    }
    await this.button('Check').click();
    await page.getByRole('region', { name: 'Please check before you pay' }).waitFor();
    // A double click pays nothing.
    await page.waitForTimeout(600);
    await this.button('Send').click();
    await page.getByRole('region', { name: 'Please check before you pay' }).waitFor({ state: 'hidden' });
  }

  /**
   * What must hold after each experiment: all tabs are linked and on one tip, nobody was blamed, and each database is, to the row, what a
   * replay from genesis gives.
   */
  async allIsWell(): Promise<void> {
    const { anna, ming } = this;
    for (const tab of [anna, ...this.others]) await tab.call('mine', false);
    await ming.call('mine', true, { threads: 1 });
    // Two branches with equal work stay two until the next block: ming's last block decides.
    const { height } = await anna.status();
    await waitUntil([ming], 'a last block', ([m]) => m!.height > height);
    await ming.call('mine', false);
    await waitUntil(
      this.all,
      'one tip, linked',
      (statuses) => agree(statuses) && statuses.every(({ peers, mining }) => !mining.on && peers.some(({ state }) => state === 'ready')),
    );
    for (const tab of this.all) {
      const report = await tab.page.evaluate(async () => {
        const { tabchain } = globalThis as unknown as {
          tabchain: { exportFile(): Promise<Blob>; checkFile(file: Blob): Promise<FileReport> };
        };
        return tabchain.checkFile(await tabchain.exportFile());
      });
      expect(report).toMatchObject({ valid: true, tip: (await tab.status()).tip, relation: { kind: 'same' } });
      expect(tab.problems.filter((problem) => !/WebSocket/.test(problem))).toEqual([]);
    }
    expect(this.#violations).toEqual([]);
    await ming.call('mine', true, { threads: 1 });
  }
}
