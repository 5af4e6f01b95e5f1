import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { go } from './harness/go.ts';
import { LabClass } from './harness/lab-class.ts';
import { testNetworkLink } from './harness/network-link.ts';

/** A million expected hashes: about half a second for one thread. */
const START_BITS = 0x1e100000;

/** The experiments about fees, difficulty, privacy and receipts, by clicks alone. */
describe.sequential('the lab of everyday use', () => {
  const link = testNetworkLink('lab-habits', { blockTimeMs: 1_000, grant: 100_000_000, startBits: START_BITS });
  let lab: LabClass;

  beforeAll(async () => {
    lab = await LabClass.meet(link);
  });
  afterAll(() => lab?.end());

  /** Back to the experiment, by the line at the top of every other page. */
  const back = (title: RegExp) => lab.anna.page.getByRole('status').getByRole('link', { name: title }).click();

  test('fees: two payments with different fees, both in blocks', async () => {
    await lab.begin('fees');
    await lab.goThere();
    await lab.pay('ming', '1', { fee: '0.0004' });
    await lab.pay('ming', '2', { fee: '0.05' });
    await back(/^Fees/);
    await lab.stepsDone(2);
    await lab.goThere();
    await lab.finished();
    const paid = await lab.anna.call('history', { limit: 5 });
    expect(paid.filter(({ direction }) => direction === 'out').map(({ fee, status }) => [fee, status])).toEqual(
      expect.arrayContaining([
        ['0.0004', 'confirmed'],
        ['0.05', 'confirmed'],
      ]),
    );
    await lab.allIsWell();
  });

  test('difficulty: more miners, and the rules answer', async () => {
    const before = Number((await lab.anna.status()).difficulty);
    await lab.begin('difficulty');
    await lab.goThere();
    await lab.button('Start mining').click();
    await back(/^Difficulty/);
    await lab.stepsDone(3, 90_000);
    await lab.goThere();
    await lab.finished();
    expect(Number((await lab.anna.status()).difficulty)).not.toBe(before);
    await back(/^Difficulty/);
    await lab.button('End the experiment').click();
    await expect.poll(async () => (await lab.anna.status()).mining.on).toBe(false);
    await lab.allIsWell();
  });

  test('privacy: what others see, and what a sealed memo hides', async () => {
    const { anna, ming } = lab;
    await lab.begin('privacy');
    await lab.goThere();
    await anna.page.getByRole('table').getByRole('link', { name: 'ming', exact: true }).click();
    await lab.stepsDoneElsewhere(/^Privacy/, 1);
    await lab.goThere();
    await lab.pay('ming', '3', { sealed: 'our secret' });
    await lab.stepsDoneElsewhere(/^Privacy/, 2);
    await lab.goThere();
    await lab.finished();
    const seen = async () => (await ming.call('history', { limit: 9 })).find(({ sealed }) => sealed)?.memo;
    await expect.poll(seen, { timeout: 20_000 }).toBe('our secret');
    expect((await anna.call('query', "SELECT count(*) FROM transfers WHERE memo = 'our secret'")).rows).toEqual([[0]]);
    await lab.allIsWell();
  });

  test('receipt: a payment is proven to another tab', async () => {
    const { anna } = lab;
    await lab.begin('proof');
    await lab.stepsDone(1);
    await lab.goThere();
    await anna.page.locator('main a[href*="tx"]').first().click();
    await lab.stepsDoneElsewhere(/^Receipt/, 2, false);
    await anna.page.getByRole('button', { name: 'Receipt' }).click();
    await anna.page.getByRole('dialog', { name: 'Receipt' }).getByRole('link', { name: 'Open the link' }).click();
    await anna.page.getByText('Proven', { exact: true }).waitFor();
    await lab.finished();
    await lab.allIsWell();
  });

  test('ends with the pages of all experiments, each with its goal', async () => {
    await go(lab.anna, '/lab');
    await expect.poll(() => lab.anna.page.locator('main li h2').count()).toBe(13);
  });
});
