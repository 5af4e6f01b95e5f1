import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { go } from './harness/go.ts';
import { LabClass } from './harness/lab-class.ts';
import { expectNoSidewaysScroll, inEachLanguage, SCREENS } from './harness/looks.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { waitUntil } from './harness/wait.ts';

/** Two million expected hashes: about a second for one thread. */
const START_BITS = 0x1e080000;

/** The experiments that attack the chain, by clicks alone. */
describe.sequential('the lab of attacks', () => {
  const link = testNetworkLink('lab-attacks', { blockTimeMs: 2_000, grant: 100_000_000, startBits: START_BITS });
  let lab: LabClass;

  beforeAll(async () => {
    lab = await LabClass.meet(link);
  });
  afterAll(() => lab?.end());

  const text = (words: string | RegExp) => lab.anna.page.getByText(words).first();

  test('double spend: two payments with one number, and the chain keeps the one with more work behind it', async () => {
    const { anna, ming } = lab;
    await lab.begin('double');
    await anna.page.getByLabel('Pay', { exact: true }).selectOption('ming');
    await anna.page.getByLabel('Coins', { exact: true }).fill('3');
    // A block may take the payment before the cut. The page says so, and the person pays again.
    for (let attempt = 0; ; attempt++) {
      await lab.button('Pay, and cut all links').click();
      await expect.poll(async () => (await anna.status()).sync.state, { timeout: 20_000 }).toBe('offline');
      await text(/Nobody can see what you do now|before the links were cut/).waitFor();
      if ((await lab.button('Pay the same coins again').count()) > 0) break;
      expect(attempt).toBeLessThan(12);
      await lab.button('Link again').click();
      await lab.button('Pay, and cut all links').waitFor();
      await waitUntil([anna, ming], 'the link', ([a, m]) => a!.tip === m!.tip && a!.sync.state === 'synced');
    }
    await lab.stepsDone(2);
    await anna.page.getByLabel('The same coins to').selectOption('yourself');
    await lab.button('Pay the same coins again').click();
    await lab.stepsDone(3);
    await lab.button('Start mining').click();
    await lab.stepsDone(4);
    await lab.button('Stop mining').click();
    await anna.screenshot('lab-double-cut');
    const [first, second] = await Promise.all(
      (await anna.page.locator('ul.payments a').evaluateAll((links) => links.map((each) => each.getAttribute('href')!))).map((href) =>
        anna.call('transaction', /tx(?:%2F|\/)([0-9a-f]{64})/.exec(href)![1]!),
      ),
    );
    expect(first).toMatchObject({ status: 'dropped', reason: 'replaced', amount: '3', to: { name: 'ming' }, nonce: second!.nonce });
    expect(second).toMatchObject({ status: 'confirmed', amount: '3', to: { name: 'anna' } });
    await waitUntil([anna, ming], 'the rest ahead', ([a, m]) => BigInt(m!.work) > BigInt(a!.work));
    expect(await ming.call('transaction', first!.txid)).toMatchObject({ status: 'confirmed' });
    await lab.button('Link again').click();
    await lab.stepsDone(7);
    await text('All steps are done.').waitFor();
    await text(/^ming: 3 arrived\. The branch of the others had more work/).waitFor();
    await text(`Block ${second!.height} `).waitFor();
    await text('nonce-already-used').waitFor();
    await anna.screenshot('lab-double');
    expect(await anna.call('transaction', second!.txid)).toMatchObject({
      status: 'dropped',
      reason: 'nonce-already-used',
      overtakenBy: first!.txid,
    });
    await lab.allIsWell();
  });

  test('51 %: a secret branch that loses, one that wins, and the chance beside them', async () => {
    const { anna, ming } = lab;
    await lab.begin('majority');
    await anna.page.getByLabel('Blocks to rewrite').selectOption('1 block');
    await lab.button('Cut all links').click();
    await lab.button('Start mining').click();
    await text(/^By the hash rates, your share is/).waitFor({ timeout: 30_000 });
    await lab.stepsDone(3);
    await anna.screenshot('lab-majority-cut');
    await lab.button('Stop mining').click();
    await waitUntil([anna, ming], 'the rest ahead', ([a, m]) => BigInt(m!.work) > BigInt(a!.work));
    await lab.button('Link again').click();
    await lab.stepsDone(5);
    await text(/^Lost: \d+ blocks? of yours against \d+ blocks? of the others\./).waitFor();

    await ming.call('mine', false);
    const [before] = await waitUntil([anna, ming], 'one tip', ([a, m]) => a!.tip === m!.tip && !m!.mining.on);
    await lab.button('Cut all links').click();
    await expect.poll(async () => (await anna.status()).sync.state).toBe('offline');
    await ming.call('mine', true);
    await waitUntil([ming], 'a block of the rest', ([m]) => m!.height > before!.height);
    await ming.call('mine', false);
    const rest = await ming.status();
    await lab.button('Start mining').click();
    await waitUntil([anna], 'the secret branch ahead', ([a]) => BigInt(a!.work) > BigInt(rest.work));
    await lab.button('Stop mining').click();
    const [secret] = await waitUntil([anna], 'the end of the search', ([a]) => !a!.mining.on);
    await lab.button('Link again').click();
    await lab.stepsDone(6);
    const replaced = rest.height - before!.height;
    const by = secret!.height - before!.height;
    const blocks = (n: number): string => `${n} ${n === 1 ? 'block' : 'blocks'}`;
    await text(`Won: ${blocks(by)} of yours replaced ${blocks(replaced)} of the others.`).waitFor();
    await waitUntil([anna, ming], 'the secret branch everywhere', ([a, m]) => a!.tip === m!.tip && a!.tip === secret!.tip);
    const [change] = (await ming.call('forks', { heights: 1 })).reorganisations;
    // Blocks arrive one by one, so the change may have taken the first of them alone.
    expect(change).toMatchObject({ fork: before!.height, replaced });
    const [mine, theirs] = [BigInt(secret!.work) - BigInt(before!.work), BigInt(rest.work) - BigInt(before!.work)].map(Number) as [
      number,
      number,
    ];
    const share = new Intl.NumberFormat('en-GB', { style: 'percent', maximumSignificantDigits: 3 }).format(mine / (mine + theirs));
    await text(`Your share of the work was ${share}.`).waitFor();
    await anna.screenshot('lab-majority');
    await lab.allIsWell();
  });

  test('header times: the rules answer each plan on the real chain, and the naive rule believes every lie', async () => {
    const { anna } = lab;
    const { tip } = await anna.status();
    await lab.begin('times');
    await lab.button('True times').click();
    await lab.stepsDone(1);
    await lab.button('1 ms apart').click();
    await lab.stepsDone(2);
    await text(/^The last block is [12]\.\d+ times as hard as a usual next block here, and 10\S+ times under the naive rule/).waitFor();
    await anna.screenshot('lab-times');
    await lab.button('One late block').click();
    await lab.stepsDone(3);
    await lab.button('Back in time').click();
    await lab.stepsDone(4);
    await text('time-not-after-parent').waitFor();
    await lab.button('From the future').click();
    await lab.finished();
    await text('held back').waitFor();
    const field = anna.page.getByLabel(/^Block [\d,]+: seconds after its parent$/).first();
    await field.fill('soon');
    await text('Write seconds with at most three decimals').waitFor();
    await field.fill('2');
    await text(/^The last block is/).waitFor();
    expect((await anna.call('headerTimes', [2_000])).next).toHaveLength(1);
    await lab.button('End the experiment').click();
    await lab.button('Begin').waitFor();
    expect((await anna.call('block', tip))!.active).toBe(true);
    await lab.allIsWell();
  });

  test('an experiment that ends while the links are cut links again and stops its mining', async () => {
    const { anna } = lab;
    await lab.begin('majority');
    await lab.button('Cut all links').click();
    await lab.button('Start mining').click();
    await lab.stepsDone(2);
    await lab.button('End the experiment').click();
    await waitUntil(
      [anna],
      'links and rest',
      ([a]) => a!.sync.state !== 'offline' && !a!.mining.on && a!.peers.some((p) => p.state === 'ready'),
    );
    await lab.allIsWell();
  });

  test.each(SCREENS)('the experiments fit a %s, in every language, light and dark', async (where, width, height) => {
    const { anna } = lab;
    await inEachLanguage(anna, [width, height], async (language, { lab: t }) => {
      for (const id of ['double', 'majority', 'times']) {
        await go(anna, `/lab/${id}`);
        await lab.button(t.start).click();
        if (id === 'times') await lab.button(t.timesBench.plan.close).click();
        await anna.page.locator('main select, main table').first().waitFor();
        await expectNoSidewaysScroll(anna, `${language} ${id} ${where}`);
        await anna.screenshot(`lab-${id}-${where}-${language}`);
        if (where === 'phone') {
          await anna.page.locator('main select, main table').first().scrollIntoViewIfNeeded();
          await anna.screenshot(`lab-${id}-${where}-${language}-bench`);
        }
      }
    });
  });
});
