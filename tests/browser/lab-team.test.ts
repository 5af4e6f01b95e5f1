import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { go } from './harness/go.ts';
import { LabClass } from './harness/lab-class.ts';
import { expectNoSidewaysScroll, inEachLanguage, SCREENS } from './harness/looks.ts';
import { testNetworkLink } from './harness/network-link.ts';
import type { Tab } from './harness/tab.ts';
import { waitUntil } from './harness/wait.ts';

/** Two million expected hashes: about a second for one thread. */
const START_BITS = 0x1e080000;

/** The 51 % experiment with several attackers, by clicks alone: anna and ben against ming and cora. */
describe.sequential('a team with a secret branch', () => {
  const link = testNetworkLink('lab-team', { blockTimeMs: 2_000, grant: 100_000_000, startBits: START_BITS });
  let lab: LabClass;
  let ben: Tab<Page>;
  let cora: Tab<Page>;

  beforeAll(async () => {
    lab = await LabClass.meet(link, 'ben', 'cora');
    [ben, cora] = lab.others as [Tab<Page>, Tab<Page>];
  });
  afterAll(() => lab?.end());

  const press = (tab: Tab<Page>, name: string): Promise<void> => tab.page.getByRole('button', { name, exact: true }).click();
  const text = (tab: Tab<Page>, words: string | RegExp) => tab.page.getByText(words).first();

  async function join(tab: Tab<Page>, team: string): Promise<void> {
    await tab.page.getByLabel('Name of the team').fill(team);
    await press(tab, 'Join the team');
  }

  async function begin(tab: Tab<Page>): Promise<void> {
    await go(tab, '/lab/majority');
    await press(tab, 'Begin');
    await tab.page.getByLabel('Blocks to rewrite').selectOption('1 block');
  }

  test('a name that is none is refused, and the tab stays in the network', async () => {
    const { anna } = lab;
    await begin(anna);
    await join(anna, '!!');
    await text(anna, /^Write the team’s name with letters and digits/).waitFor();
    expect((await anna.status()).sync).toMatchObject({ team: false });
  });

  test('two tabs share hidden blocks with each other alone, and publish them together', async () => {
    const { anna, ming } = lab;
    const team = [anna, ben];
    await begin(ben);
    await waitUntil(lab.all, 'links with a tab of the others', (all) =>
      all.every(({ peers }) => peers.some(({ state }) => state === 'ready')),
    );
    await join(anna, ' Red ');
    await join(ben, 'red');
    for (const tab of team) await text(tab, /^red: 2 tabs, /).waitFor();
    const [a, b] = await waitUntil(team, 'one team', ([x, y]) => x!.tip === y!.tip && x!.sync.team && y!.sync.team);
    expect([a!.peers.length, b!.peers.length]).toEqual([1, 1]);
    expect(a!.peers[0]).toMatchObject({ state: 'ready', agrees: true });

    // The others mine one block more, and then rest, so that this attack wins.
    await waitUntil([ming], 'a block of the others', ([m]) => m!.height > a!.height);
    await ming.call('mine', false);
    const [rest] = await waitUntil([ming, cora], 'the others on one tip', ([m, c]) => m!.tip === c!.tip && !m!.mining.on);

    for (const tab of team) await press(tab, 'Start mining');
    for (const tab of team) await text(tab, /^By the hash rates, your share is/).waitFor({ timeout: 30_000 });
    await anna.screenshot('lab-team-secret');
    await waitUntil(team, 'the secret branch ahead', (both) => both.every(({ work }) => BigInt(work) > BigInt(rest!.work)));
    for (const tab of team) await press(tab, 'Stop mining');
    const [secret] = await waitUntil(team, 'one secret tip', ([x, y]) => x!.tip === y!.tip && !x!.mining.on && !y!.mining.on);
    // What the team has found is known to both of its tabs, and to nobody else.
    for (const tab of team) expect(await tab.call('block', secret!.tip)).toMatchObject({ active: true });
    for (const tab of [ming, cora]) {
      expect(await tab.call('block', secret!.tip)).toBeNull();
      expect((await tab.status()).tip).toBe(rest!.tip);
      expect((await tab.status()).peers.map(({ team: secretly }) => secretly)).not.toContain(true);
    }

    await press(anna, 'Publish the branch together');
    await waitUntil(lab.all, 'the secret branch everywhere', (all) => all.every(({ tip, sync }) => tip === secret!.tip && !sync.team));
    // The branch begins where the chains parted: at the last block that both have.
    let fork = secret!.height;
    while ((await anna.call('block', fork))!.id !== (await ancestor(rest!.tip, fork))) fork--;
    const blocks = (n: number): string => `${n} ${n === 1 ? 'block' : 'blocks'}`;
    const won = `Won: ${blocks(secret!.height - fork)} of yours replaced ${blocks(rest!.height - fork)} of the others.`;
    const late = `Won: everybody has the ${blocks(secret!.height - fork)} of your team.`;
    const outcomes = await Promise.all(
      team.map(async (tab) => {
        await text(tab, /^Won: /).waitFor();
        return (await tab.page.locator('ol b.won, ol b.lost').allInnerTexts()).map((line) => line.trim());
      }),
    );
    expect(outcomes.flat()).toContain(won);
    for (const [outcome] of outcomes) expect(outcome === won || outcome!.startsWith(late), outcome).toBe(true);
    await anna.screenshot('lab-team-won');

    // The others see that this was an experiment.
    for (const tab of [ming, cora]) {
      expect((await tab.status()).peers.filter(({ team: secretly }) => secretly)).toHaveLength(2);
      await tab.page.getByRole('button', { name: /^Events/ }).click();
      await text(tab, /An experiment: a team brought its secret branch back\. \d+ blocks? (was|were) replaced/).waitFor();
      await tab.page.keyboard.press('Escape');
    }
    for (const tab of team) await press(tab, 'End the experiment');
    await lab.allIsWell();
  });

  /** The id at a height of the branch of the others that ends in `tip`. */
  async function ancestor(tip: string, height: number): Promise<string | null> {
    let block = await cora.call('block', tip);
    while (block !== null && block.height > height) block = await cora.call('block', block.previous);
    return block?.height === height ? block.id : null;
  }

  test('a member that ends the experiment brings the whole team back', async () => {
    const { anna } = lab;
    for (const tab of [anna, ben]) {
      await begin(tab);
      await join(tab, '藍隊');
    }
    await waitUntil([anna, ben], 'one team', (both) => both.every(({ sync, peers }) => sync.team && peers.length === 1));
    await press(ben, 'End the experiment');
    await waitUntil([anna, ben], 'links to the network', (both) => both.every(({ sync, peers }) => !sync.team && peers.length >= 2));
    await press(anna, 'End the experiment');
    await lab.allIsWell();
  });

  test.each(SCREENS)('the team fits a %s, in every language, light and dark', async (where, width, height) => {
    const { anna } = lab;
    await inEachLanguage(anna, [width, height], async (language, { lab: t }) => {
      await go(anna, '/lab/majority');
      await press(anna, t.start);
      await anna.page.getByLabel(t.team.name).fill('red');
      await anna.screenshot(`lab-team-${where}-${language}-join`);
      await press(anna, t.team.join);
      await anna.page.getByRole('button', { name: t.linkSwitch.publish, exact: true }).waitFor();
      await anna.page.getByText(t.team.inside).scrollIntoViewIfNeeded();
      await expectNoSidewaysScroll(anna, `${language} ${where}`);
      await anna.screenshot(`lab-team-${where}-${language}`);
      await press(anna, t.end);
      await waitUntil([anna], 'the network', ([a]) => !a!.sync.team);
    });
  });
});
