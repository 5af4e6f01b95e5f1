import { expect, test } from 'vitest';
import type { Status } from '../../../src/api/api.ts';
import { en } from '../../../src/ui/i18n/en/messages.ts';
import { zhHant } from '../../../src/ui/i18n/zh-Hant/messages.ts';
import { tabTitle } from '../../../src/ui/shell/tab-title.ts';

const mining = (on: boolean, waiting: Status['mining']['waiting'] = null): Status => ({ mining: { on, waiting } }) as Status;

test('the title of the tab shows whether it mines, or why not only by a look at the page', () => {
  expect(tabTitle(null, en)).toBe('Tabchain');
  expect(tabTitle(mining(false), en)).toBe('Tabchain');
  expect(tabTitle(mining(true), en)).toBe('⛏ Mining · Tabchain');
  expect(tabTitle(mining(true, 'checking'), en)).toBe('⏸ Mining paused · Tabchain');
  expect(tabTitle(mining(true, 'stalled'), zhHant)).toBe('⏸ 挖礦暫停 · Tabchain');
});
