import { describe, expect, test } from 'vitest';
import { followNotice, postNotice, type NoticeBoard } from '../../../src/page/notices.ts';
import type { Notice } from '../../../src/util/notice.ts';

const NOTICE: Notice = {
  title: 'alex',
  body: 'ming paid you 5 coins.',
  tag: 'ab'.repeat(32),
  lang: 'en',
  icon: 'https://host/icon-192.png',
  at: '/tx/abab',
  url: 'https://host/#n=club&at=/tx/abab',
};

/** The globals of a service worker whose page `open` is open. */
function worker(open: string | null) {
  const log: unknown[] = [];
  const board: NoticeBoard = {
    registration: { showNotification: async (title, options) => void log.push(['shown', title, options]) },
    clients: {
      get: async (id) =>
        id === open
          ? { postMessage: (message: unknown) => void log.push(['told', message]), focus: async () => (log.push('focused'), null as never) }
          : undefined,
      openWindow: async (url) => void log.push(['opened', url]),
    },
  };
  return { board, log };
}

/** The data of the notification that `board` shows for NOTICE. */
async function shownData({ board, log }: ReturnType<typeof worker>): Promise<unknown> {
  await postNotice(board, NOTICE, 'tab-1');
  const [[, , options]] = log.splice(0) as [[string, string, NotificationOptions]];
  return options.data;
}

describe('notifications of the service worker', () => {
  test('show the texts that the page gives, one for each payment', async () => {
    const { board, log } = worker('tab-1');
    await postNotice(board, NOTICE, 'tab-1');
    expect(log).toEqual([
      ['shown', 'alex', expect.objectContaining({ body: NOTICE.body, tag: NOTICE.tag, lang: 'en', icon: NOTICE.icon })],
    ]);
  });

  test('lead to the page that asked for them, also after the worker was started again', async () => {
    const data: unknown = structuredClone(await shownData(worker('tab-1')));
    const { board, log } = worker('tab-1');
    await followNotice(board, data);
    expect(log).toEqual([['told', NOTICE], 'focused']);
  });

  test('open a new tab when that page is closed', async () => {
    const data = await shownData(worker('tab-1'));
    const { board, log } = worker('tab-2');
    await followNotice(board, data);
    expect(log).toEqual([['opened', NOTICE.url]]);
  });

  test.each([null, 'text', {}, { ...NOTICE, body: 5 }, { ...NOTICE, url: undefined }])(
    'do nothing for another message: %j',
    async (message) => {
      const { board, log } = worker('tab-1');
      await postNotice(board, message, 'tab-1');
      await followNotice(board, message);
      await followNotice(board, { client: 'tab-1', notice: message });
      expect(log).toEqual([]);
    },
  );
});
