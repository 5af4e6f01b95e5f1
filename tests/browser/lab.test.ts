import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LANGUAGES } from '../../src/ui/i18n/languages.ts';
import { go } from './harness/go.ts';
import { LabClass } from './harness/lab-class.ts';
import { expectNoSidewaysScroll } from './harness/looks.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { speak } from './harness/speak.ts';
import { agree, waitUntil } from './harness/wait.ts';

/** Experiments by clicks alone, in real tabs of one network. */
describe.sequential('the lab', () => {
  let lab: LabClass;

  beforeAll(async () => {
    lab = await LabClass.meet(testNetworkLink('lab', { blockTimeMs: 1_000, grant: 100_000_000 }));
  });

  afterAll(() => lab?.end());

  test('hash: letters, numbers by hand, and a number that the tab finds', async () => {
    const { anna } = lab;
    await go(anna, '/lab');
    await anna.page.getByRole('link', { name: /^Hash/ }).click();
    await lab.button('Begin').click();
    await anna.page.getByLabel('Text', { exact: true }).pressSequentially('abc');
    for (let i = 0; i < 8; i++) await lab.button('Next number').click();
    await lab.stepsDone(2);
    await lab.button('Search for 3 zeros').click();
    await anna.page.getByText(/has enough zeros/).waitFor({ timeout: 30_000 });
    await anna.screenshot('lab-hash');
    const { tip } = await anna.call('status');
    await go(anna, `/blocks/${tip}`);
    await lab.finished();
    await anna.page.getByRole('status').getByRole('link', { name: /^Hash/ }).click();
    await lab.stepsDone(4);
    await lab.allIsWell();
  });

  test('fork: the cut tab mines alone, comes back, and all agree', async () => {
    const { anna, ming } = lab;
    await lab.begin('fork');
    await lab.button('Cut all links').click();
    await lab.button('Start mining').click();
    await lab.stepsDone(3);
    await lab.button('Stop mining').click();
    await lab.button('Link again').click();
    await lab.stepsDone(5);
    await anna.screenshot('lab-fork');
    await lab.goThere();
    await lab.finished();
    await waitUntil([anna, ming], 'one tip', agree);
    await lab.allIsWell();
  });

  test('detective: wrong answers are wrong, and right answers come from the tables', async () => {
    const { anna, ming } = lab;
    await lab.begin('detective');
    await anna.call('transfer', { to: 'ming', amount: '7.25', fee: '0.01' });
    await expect.poll(async () => (await anna.call('query', 'SELECT count(*) FROM transfers')).rows[0]![0], { timeout: 30_000 }).toBe(1);
    await ming.call('mine', false);
    await waitUntil([anna, ming], 'one tip', agree);
    const answer = async (label: string, text: string): Promise<void> => {
      const form = anna.page.locator('form').filter({ hasText: label });
      await form.getByLabel(label).fill(text);
      await form.getByRole('button', { name: 'Check' }).click();
    };
    const { rows } = await anna.call('query', 'SELECT supply / 1e6 FROM blocks ORDER BY height DESC LIMIT 1');
    await answer('Who found most blocks?', 'nobody');
    await anna.page.getByText('The database says something else.').waitFor();
    await answer('Who found most blocks?', '@Ming');
    await answer('How many coins had the largest payment?', '7.25');
    await answer('How many coins exist now?', Number(rows[0]![0]).toLocaleString('en'));
    await answer('Who made most payments?', 'anna');
    await lab.finished();
    await anna.screenshot('lab-detective');
    await lab.allIsWell();
  });

  test('every experiment and the lesson plans open in every language, on a phone, without sideways scrolling', async () => {
    const { anna, ming } = lab;
    await anna.page.setViewportSize({ width: 360, height: 740 });
    for (const language of LANGUAGES) {
      await speak(anna, language);
      for (const path of ['/lab', '/lab/privacy', '/lab/fees', '/lab/difficulty', '/lab/proof', '/lessons']) {
        await go(anna, path);
        await anna.page.getByRole('heading', { level: 1 }).waitFor();
        await expectNoSidewaysScroll(anna, `${language} ${path}`);
      }
      await anna.screenshot(`lessons-${language}-phone`);
    }
    expect([...anna.problems, ...ming.problems].filter((problem) => !/WebSocket/.test(problem))).toEqual([]);
  });
});
