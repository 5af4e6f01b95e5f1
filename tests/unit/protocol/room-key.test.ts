import { createHash, hkdfSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseNetworkLink } from '../../../src/protocol/network.ts';
import { keyedRoom, newRoomKey, roomKeyOf, roomKeyText } from '../../../src/protocol/room-key.ts';
import { roomOf } from '../../../src/protocol/room.ts';
import { fromHex, toHex } from '../../../src/util/bytes.ts';

const { keyed, refused } = JSON.parse(readFileSync(new URL('../../vectors/room-keys.json', import.meta.url), 'utf8')) as {
  keyed: { link: string; key: string; room: string; signalKey: string; relayKey: string }[];
  refused: { link: string; what: string }[];
};

const keys = fc.uint8Array({ minLength: 16, maxLength: 16 });
const refusal = (what: string): unknown => expect.objectContaining({ code: 'room-key-invalid', details: { what } });

describe('the key of a link', () => {
  test.each(keyed)('is read from $link, and leads to another room', ({ link, key, room, signalKey, relayKey }) => {
    const network = parseNetworkLink(link);
    expect(toHex(roomKeyOf(link)!)).toBe(key);
    const made = keyedRoom(roomOf(network), fromHex(key));
    expect({ room: made.room, signalKey: toHex(made.signalKey), relayKey: toHex(made.relayKey) }).toEqual({ room, signalKey, relayKey });
    // Another implementation of RFC 5869 gives the same.
    const derive = (purpose: string): string =>
      Buffer.from(hkdfSync('sha256', fromHex(key), fromHex(roomOf(network)), `tabchain ${purpose} 1`, 32)).toString('hex');
    expect({ room, signalKey, relayKey }).toEqual({ room: derive('room'), signalKey: derive('signals'), relayKey: derive('relay') });
  });

  test('does not change the network', () => {
    expect(parseNetworkLink(keyed[0]!.link).id).toBe(parseNetworkLink(keyed[0]!.link.replace(/&key=[^&]*/, '')).id);
    expect(roomKeyOf('#net=demo')).toBeNull();
  });

  test.each(refused)('$link is refused: $what', ({ link, what }) => {
    expect(() => roomKeyOf(link)).toThrow(refusal(what));
  });

  test('survives its text, which has its check bytes', () => {
    fc.assert(
      fc.property(keys, (key) => {
        const text = roomKeyText(key);
        expect(text).toHaveLength(24);
        expect(roomKeyOf(`#net=demo&key=${text}`)).toEqual(key);
        const check = createHash('sha256').update('tabchain key 1\n').update(key).digest().subarray(0, 2);
        expect(Buffer.from(text, 'base64url')).toEqual(Buffer.concat([key, check]));
      }),
    );
    expect(roomKeyOf(`#key=${newRoomKey({ bytes: (length) => new Uint8Array(length).fill(7) })}`)).toEqual(new Uint8Array(16).fill(7));
  });

  test('is refused after one changed character, and the error does not repeat the text', () => {
    const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    let passed = 0;
    fc.assert(
      fc.property(keys, fc.nat(23), fc.nat(63), (key, at, letter) => {
        const text = roomKeyText(key);
        const typed = text.slice(0, at) + ALPHABET[letter]! + text.slice(at + 1);
        fc.pre(typed !== text);
        try {
          roomKeyOf(`#key=${typed}`);
          passed++;
        } catch (error) {
          expect(error).toEqual(refusal('text'));
          expect(JSON.stringify(error) + (error as Error).message).not.toContain(typed.slice(0, 8));
        }
      }),
      { numRuns: 500 },
    );
    // One in 65,536 passes.
    expect(passed).toBeLessThan(3);
  });

  test('gives rooms and keys that all differ', () => {
    const rooms = keyed.map(({ link }) => roomOf(parseNetworkLink(link)));
    const all = rooms.flatMap((room) =>
      [1, 2].flatMap((fill) => {
        const { room: keyedId, signalKey, relayKey } = keyedRoom(room, new Uint8Array(16).fill(fill));
        return [room, keyedId, toHex(signalKey), toHex(relayKey)];
      }),
    );
    // Each network's own room is listed once for each key.
    expect(new Set(all).size).toBe(7 * new Set(rooms).size);
  });
});
