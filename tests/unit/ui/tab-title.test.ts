import { expect, test } from 'vitest';
import type { Status } from '../../../src/api/api.ts';
import { en } from '../../../src/ui/i18n/en/messages.ts';
import { zhHant } from '../../../src/ui/i18n/zh-Hant/messages.ts';
import { tabTitle } from '../../../src/ui/shell/tab-title.ts';

const mining = (on: boolean, waiting: Status['mining']['waiting'] = null): Status => ({ mining: { on, waiting } }) as Status;

test('the title of the tab names the page, and shows whether the tab mines', () => {
  expect(tabTitle(null, null, en)).toBe('Tabchain');
  expect(tabTitle(mining(false), 'Transfer', en)).toBe('Transfer · Tabchain');
  expect(tabTitle(mining(true), 'Home', en)).toBe('⛏ Mining · Home · Tabchain');
  expect(tabTitle(mining(true, 'checking'), null, en)).toBe('⏸ Mining paused · Tabchain');
  expect(tabTitle(mining(true, 'stalled'), '網路', zhHant)).toBe('⏸ 挖礦暫停 · 網路 · Tabchain');
});
