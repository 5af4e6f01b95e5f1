import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { en } from '../../../src/ui/i18n/en/messages.ts';
import { ja } from '../../../src/ui/i18n/ja/messages.ts';
import { zhHant } from '../../../src/ui/i18n/zh-Hant/messages.ts';
import { createFormats } from '../../../src/ui/kit/format.ts';
import { bellLine } from '../../../src/ui/shell/bell-text.ts';
import { Bell, type BellEvent } from '../../../src/ui/shell/bell.svelte.ts';

const from = { address: 'tab1anna', name: 'anna' };
const block = (height: number): BellEvent => ({ type: 'block', height, id: `b${height}`, own: true });
const incoming = (txid: string): BellEvent => ({ type: 'incoming', txid, from, amount: '6' });
const received = (txid: string): BellEvent => ({ type: 'received', txid, from, amount: '6' });

function told(...events: BellEvent[]): Bell {
  const bell = new Bell();
  events.forEach((event, i) => bell.note(event, i));
  return bell;
}

const texts = (bell: Bell): string[] => bell.items.map((item) => bellLine(item, en, createFormats('en')).text);

describe('the bell', () => {
  test('keeps the newest first, and blocks in a row as one line', () => {
    const bell = told(block(1), block(2), incoming('a'), block(3));
    expect(texts(bell)).toEqual([
      'You mined block 3.',
      'anna is paying you 6 coins; it waits for a block.',
      'You mined 2 blocks; the latest is 2.',
    ]);
    expect(bell.unread).toBe(3);
  });

  test('says who runs an experiment, and by which rule this node refuses it', () => {
    const offered = (code: 'nonce-gap' | null): BellEvent => ({ type: 'experiment', peer: 'ab', by: from, kind: 'block', code });
    expect(texts(told(offered('nonce-gap'), offered(null)))).toEqual([
      'anna runs an experiment and offers an invalid block. Your node finds no broken rule.',
    ]);
    expect(texts(told(offered('nonce-gap')))).toEqual([
      'anna runs an experiment and offers an invalid block. Your node refuses it: Each account numbers its payments without gaps, and an earlier number is missing. (nonce-gap)',
    ]);
  });

  test('moves a payment up when its block comes, instead of telling it twice', () => {
    const bell = told(incoming('a'), block(1), received('a'));
    expect(texts(bell)).toEqual(['anna paid you 6 coins.', 'You mined block 1.']);
    expect(bell.unread).toBe(2);
    bell.read();
    bell.note(block(2), 9);
    expect(bell.unread).toBe(1);
  });

  test('drops a payment on its way that its sender has replaced, when the user looks', async () => {
    const bell = told(incoming('former'), incoming('next'), received('paid'));
    bell.read();
    bell.note(block(1), 9);
    await bell.check(async (txid) => txid === 'next');
    expect(bell.items.map(({ event }) => ('txid' in event ? event.txid : event.type))).toEqual(['block', 'paid', 'next']);
    expect(bell.unread).toBe(1);
  });

  test('counts a changed line that the user has read as new', () => {
    const bell = told(incoming('a'));
    bell.read();
    bell.note(received('a'), 1);
    expect([bell.unread, bell.items.length]).toEqual([1, 1]);
  });

  test('stays small whatever comes, and never counts more than it shows', () => {
    const event = fc.oneof(
      fc.nat(3).map(block),
      fc.nat(60).map((n) => incoming(`t${n}`)),
      fc.nat(60).map((n) => received(`t${n}`)),
      fc.constant<BellEvent>({ type: 'reorganisation', from: 3, depth: 2, height: 4, team: false }),
      fc.constant<BellEvent>({ type: 'dropped', txid: 't1', code: 'replaced' }),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 200 }), (events) => {
        const bell = told(...events);
        expect(bell.items.length).toBeLessThanOrEqual(30);
        expect(bell.unread).toBeLessThanOrEqual(bell.items.length);
        expect(bell.items[0]?.event).toEqual(events.at(-1));
        for (const { event } of bell.items.filter((item) => 'txid' in item.event)) {
          expect(bell.items.filter((item) => 'txid' in item.event && item.event.txid === (event as { txid: string }).txid)).toHaveLength(1);
        }
      }),
    );
  });

  test('tells each kind of event, with a place to go, in each language', () => {
    const events: BellEvent[] = [
      block(1),
      incoming('a'),
      received('b'),
      { type: 'confirmed', txid: 'c', height: 3 },
      { type: 'dropped', txid: 'd', code: 'replaced' },
      { type: 'reorganisation', from: 3, depth: 2, height: 4, team: false },
      { type: 'reorganisation', from: 3, depth: 2, height: 4, team: true },
    ];
    for (const event of events) {
      for (const [messages, language] of [[en, 'en'] as const, [zhHant, 'zh-Hant'] as const, [ja, 'ja'] as const]) {
        const line = bellLine({ event, count: 1 }, messages, createFormats(language));
        expect(line.text).not.toMatch(/undefined/);
        expect(line.at).toMatch(/^\/(blocks|tx|forks)/);
      }
    }
  });
});
