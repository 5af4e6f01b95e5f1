import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Chromium } from './harness/chromium.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { TestServer } from './harness/server.ts';
import type { Tab } from './harness/tab.ts';

const PASSPHRASE = 'correct horse battery';

/** Mistaken arguments as JavaScript; a function and an element cannot even be sent to the node. */
const JUNK = [
  'undefined',
  'null',
  'NaN',
  '-1',
  '1e300',
  '7n',
  'true',
  "''",
  "'\\u0000'",
  "'x'.repeat(200000)",
  '[]',
  '[[[]]]',
  '{}',
  '() => 1',
  'document.body',
  'Symbol.iterator',
  'new Date(NaN)',
  'Promise.resolve(1)',
  '{ name: {}, passphrase: [], to: () => 1, coins: {}, limit: [], address: 5, pem: null, signal: 5 }',
  "{ name: 'alex', passphrase: 'correct horse battery', signal: 'stop' }",
  "{ to: 'alex', coins: Infinity, fee: '0x10', memo: 5 }",
  "{ to: 'alex', coins: '1', fee: null, memo: () => 1 }",
  '{ threads: NaN, throttle: -1, gpu: [], limit: 1e9, before: {}, miner: () => 1 }',
];

/** Methods that would end state that the test needs. */
const LEFT_OUT = ['logout', 'disconnect', 'connect', 'exportDatabase', 'exportFile'];

/** Runs in the page: calls each method with each junk value in each place. A text, because the values cannot be sent to the page. */
const TRY_ALL = `(async () => {
  const junk = [${JUNK.map((text) => `() => (${text})`).join(', ')}];
  const methods = Object.keys(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(tabchain)))
    .concat(Object.keys(tabchain))
    .filter((name) => name !== 'constructor' && typeof tabchain[name] === 'function' && !${JSON.stringify(LEFT_OUT)}.includes(name));
  const wrong = [];
  for (const name of methods) {
    for (const [i, make] of junk.entries()) {
      const first = name === 'mine' || name === 'query' ? (name === 'mine' ? true : 'SELECT ?') : undefined;
      for (const args of first === undefined ? [[make()], [make(), make()]] : [[make()], [first, make()]]) {
        let failure = null;
        try {
          await tabchain[name](...args);
        } catch (error) {
          failure = error;
        }
        const told = failure === null || (/^[a-z][a-z-]+$/.test(failure.code ?? '') && failure.code !== 'internal' && failure.message);
        if (!told) wrong.push(name + '(' + i + '): ' + String(failure && (failure.code ?? '') + ' ' + (failure.message ?? failure)));
      }
    }
  }
  return { methods: methods.length, wrong };
})()`;

describe.sequential('the console', () => {
  let server: TestServer;
  let browser: Chromium;
  let alex: Tab<Page>;

  beforeAll(async () => {
    server = await TestServer.start();
    browser = await Chromium.launch();
    alex = await browser.openTab('alex', server.url + testNetworkLink('console'));
    await alex.call('register', { name: 'alex', passphrase: PASSPHRASE });
  });

  afterAll(async () => {
    await browser?.dispose();
    await server?.kill();
  });

  test('answers any input with a result or a code, and goes on', async () => {
    const { methods, wrong } = (await alex.page.evaluate(TRY_ALL)) as { methods: number; wrong: string[] };
    expect(wrong).toEqual([]);
    expect(methods).toBeGreaterThan(20);
    await alex.call('mine', false);
    expect((await alex.call('status')).account).toMatchObject({ name: 'alex' });
  });

  test('a listener that fails stops neither other listeners nor the node', async () => {
    const heard = alex.page.evaluate(`new Promise((resolve) => {
      tabchain.subscribe(() => { throw new Error('mine'); });
      tabchain.subscribe((event) => event.type === 'status' && resolve(event.type));
    })`);
    await alex.call('mine', true, { threads: 1 });
    expect(await heard).toBe('status');
    await alex.call('mine', false);
  });
});
