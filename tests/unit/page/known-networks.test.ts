import { describe, expect, test } from 'vitest';
import { KnownNetworks, MAX_KNOWN_NETWORKS } from '../../../src/page/known-networks.ts';
import type { Status } from '../../../src/api/api.ts';

class Place {
  readonly texts = new Map<string, string>();
  getItem = (key: string): string | null => this.texts.get(key) ?? null;
  setItem = (key: string, text: string): void => void this.texts.set(key, text);
  removeItem = (key: string): void => void this.texts.delete(key);
}

const at = (label: string, height: number) => ({ network: { link: `#net=${label}`, label }, height }) as Pick<Status, 'network' | 'height'>;

describe('the networks of this device', () => {
  test('are listed newest first, each once, with their last height', () => {
    const place = new Place();
    let now = 1_000;
    const open = (label: string, height: number): void =>
      new KnownNetworks(
        () => place,
        () => now,
      ).note(at(label, height), false);
    open('one', 3);
    now += 60_000;
    open('two', 7);
    now += 60_000;
    open('one', 9);
    const list = new KnownNetworks(
      () => place,
      () => now,
    ).list();
    expect(list.map(({ label, height }) => [label, height])).toEqual([
      ['one', 9],
      ['two', 7],
    ]);
  });

  test('are written at most every few seconds, because the height changes all the time', () => {
    const place = new Place();
    let now = 0;
    const known = new KnownNetworks(
      () => place,
      () => now,
    );
    for (let height = 0; height < 100; height++, now += 100) known.note(at('busy', height), false);
    expect(known.list()[0]!.height).toBe(0);
    now += 15_000;
    known.note(at('busy', 200), true);
    expect(known.list()[0]).toMatchObject({ height: 200, privateRoom: true });
  });

  test('are bounded, and the oldest leave', () => {
    const place = new Place();
    let now = 0;
    for (let i = 0; i < MAX_KNOWN_NETWORKS + 5; i++, now += 60_000)
      new KnownNetworks(
        () => place,
        () => now,
      ).note(at(`n${i}`, i), false);
    const list = new KnownNetworks(
      () => place,
      () => now,
    ).list();
    expect(list).toHaveLength(MAX_KNOWN_NETWORKS);
    expect(list.at(-1)!.label).toBe('n5');
  });

  test('can be removed from the list', () => {
    const place = new Place();
    const known = new KnownNetworks(
      () => place,
      () => 5,
    );
    known.note(at('one', 1), false);
    known.forget('#net=one');
    expect(known.list()).toEqual([]);
  });

  test.each([
    ['no list', '{"v":1,"list":7}'],
    [
      'junk in the list',
      '{"v":1,"list":[null,7,"x",{"link":"javascript:alert(1)","label":"x","height":1,"openedAt":1,"privateRoom":false}]}',
    ],
    ['no JSON', '{'],
  ])('leave out what another program wrote: %s', (_what, text) => {
    const place = new Place();
    place.setItem('tabchain.networks', text);
    expect(
      new KnownNetworks(
        () => place,
        () => 5,
      ).list(),
    ).toEqual([]);
  });

  test('are none where storage is forbidden', () => {
    const known = new KnownNetworks(
      () => {
        throw new DOMException('denied', 'SecurityError');
      },
      () => 5,
    );
    known.note(at('one', 1), false);
    expect(known.list()).toEqual([]);
  });
});
