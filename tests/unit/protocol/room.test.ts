import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseNetworkLink } from '../../../src/protocol/network.ts';
import { roomOf } from '../../../src/protocol/room.ts';

const { rooms } = JSON.parse(readFileSync(new URL('../../vectors/rooms.json', import.meta.url), 'utf8')) as {
  rooms: { link: string; room: string }[];
};

describe('the room of a link', () => {
  test.each(rooms)('is the id that version 1 gave its network: $link', ({ link, room }) => {
    expect(roomOf(parseNetworkLink(link))).toBe(room);
  });

  test('does not depend on keys that version 1 did not know, because version 1 ignores them', () => {
    for (const { link, room } of rooms) {
      expect(roomOf(parseNetworkLink(`${link}&grant=5&start=1e00ffff&later=7`)), link).toBe(room);
    }
  });

  test('differs between labels and between parameters of version 1', () => {
    const links = ['#net=a', '#net=b', '#net=a&T=5000', '#net=a&subsidy=1', '#net=a&halving=5', '#net=a&size=8192'];
    const more = ['#net=a&pow=1f00ffff', '#net=a&stamp=1f00ffff', '#net=a&genesis=7'];
    const all = [...links, ...more].map((link) => roomOf(parseNetworkLink(link)));
    expect(new Set(all).size).toBe(all.length);
  });
});
