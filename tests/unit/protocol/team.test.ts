import { describe, expect, test } from 'vitest';
import { parseTeamName, teamKey } from '../../../src/protocol/team.ts';
import { toHex } from '../../../src/util/bytes.ts';

describe('the name of a team', () => {
  test.each([
    ['red', 'red'],
    ['  Red ', 'red'],
    ['ＲＥＤ', 'red'],
    ['Red   Team 2', 'red team 2'],
    ['紅隊', '紅隊'],
    ['a-b', 'a-b'],
    ['x'.repeat(24), 'x'.repeat(24)],
  ])('%j is %j for all its tabs', (typed, name) => {
    expect(parseTeamName(typed)).toBe(name);
    expect(parseTeamName(name)).toBe(name);
  });

  test.each(['', '   ', 'x'.repeat(25), 'x'.repeat(100_000), 'a\u0000b', '<b>', '-', 'a--b', '🟥'])('%j is refused', (typed) => {
    expect(() => parseTeamName(typed)).toThrow(expect.objectContaining({ code: 'team-name-invalid', details: { most: 24 } }));
  });
});

describe('the key of a team', () => {
  test('follows from its name, and in a private room also from the key of the room', () => {
    const room = (byte: number): Uint8Array => new Uint8Array(16).fill(byte);
    const keys = [teamKey('red', null), teamKey('blue', null), teamKey('red', room(1)), teamKey('red', room(2))].map(toHex);
    expect(new Set(keys).size).toBe(4);
    expect(keys.every((key) => key.length === 32)).toBe(true);
    // SHA-256 of "tabchain team 1", a line feed and "red", by sha256sum.
    expect(keys[0]).toBe('cec11e7331d75827d41eef2aadd8ebb5');
  });
});
