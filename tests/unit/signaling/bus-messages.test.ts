import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CHANNELS, MAX_BUS_MESSAGE_BYTES, encodeBusMessage, parseBusMessage, type BusMessage } from '../../../signaling/bus-messages.ts';
import { MAX_RELAY_FRAME_BYTES, MAX_TEXT_FRAME_BYTES, parseClientMessage } from '../../../src/protocol/signaling.ts';
import { concatBytes, fromHex, utf8 } from '../../../src/util/bytes.ts';

const hex = (digits: number): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom(...'0123456789abcdef'), { minLength: digits, maxLength: digits }).map((list) => list.join(''));

const about = { server: hex(16), room: hex(64) };
const pair = { ...about, from: hex(16), to: hex(16) };
const tab = { peer: hex(16), group: hex(8) };

const messages: fc.Arbitrary<BusMessage> = fc.oneof(
  fc.record({ type: fc.constantFrom('alive' as const, 'stopping' as const), server: hex(16) }),
  fc.record({ type: fc.constant('ask' as const), ...about }),
  fc.record({ type: fc.constantFrom('answer' as const, 'members' as const), ...about, members: fc.array(fc.record(tab)) }),
  fc.record({ type: fc.constant('joined' as const), ...about, ...tab }),
  fc.record({ type: fc.constant('left' as const), ...about, peer: hex(16) }),
  fc.record({ type: fc.constantFrom('introduce' as const, 'absent' as const), ...pair }),
  fc.record({ type: fc.constant('displace' as const), ...about, to: hex(16) }),
  fc.record({ type: fc.constant('signal' as const), ...pair, body: fc.uint8Array() }),
  fc
    .record({ type: fc.constant('relay' as const), ...pair, body: fc.uint8Array() })
    .map((message) => ({ ...message, body: concatBytes(fromHex(message.from), message.body) })),
);

test('every message survives the way', () => {
  fc.assert(
    fc.property(messages, (message) => {
      const { body: parsedBody, ...parsed } = { body: undefined, ...parseBusMessage(encodeBusMessage(message)) };
      const { body, ...fields } = { body: undefined, ...message };
      expect(parsed).toEqual(fields);
      expect(parsedBody && [...parsedBody]).toEqual(body && [...body]);
    }),
  );
});

test('bytes of other programs are no message, and do no harm', () => {
  const others = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.json().map(utf8));
  fc.assert(
    fc.property(others, (bytes) => {
      expect(parseBusMessage(bytes)).toBeNull();
    }),
  );
});

test('a message with one wrong field is none', () => {
  const wrong = fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom(null, 7, {}, [], 'A'.repeat(16), '*'));
  fc.assert(
    fc.property(messages, fc.nat(), wrong, (message, which, value) => {
      const fields = Object.keys(message).filter((key) => key !== 'members' && key !== 'body');
      const key = fields[which % fields.length]!;
      expect(parseBusMessage(encodeBusMessage({ ...message, [key]: value } as BusMessage))).toBeNull();
    }),
  );
});

test.each([
  ['of the largest size', MAX_RELAY_FRAME_BYTES, true],
  ['beyond it', MAX_RELAY_FRAME_BYTES + 1, false],
])('a relayed frame %s', (_name, length, isMessage) => {
  const body = new Uint8Array(length);
  const message = encodeBusMessage({
    type: 'relay',
    server: '1'.repeat(16),
    room: '2'.repeat(64),
    from: '0'.repeat(16),
    to: '3'.repeat(16),
    body,
  });
  expect(parseBusMessage(message) !== null).toBe(isMessage);
});

test('a relayed frame of another sender, a text beyond the limit and a message beyond every limit are none', () => {
  const route = { server: '1'.repeat(16), room: '2'.repeat(64), from: '3'.repeat(16), to: '4'.repeat(16) };
  expect(parseBusMessage(encodeBusMessage({ type: 'relay', ...route, body: fromHex('4'.repeat(16)) }))).toBeNull();
  expect(parseBusMessage(encodeBusMessage({ type: 'relay', ...route, body: new Uint8Array() }))).toBeNull();
  expect(parseBusMessage(encodeBusMessage({ type: 'signal', ...route, body: new Uint8Array(MAX_TEXT_FRAME_BYTES + 1) }))).toBeNull();
  expect(parseBusMessage(utf8(JSON.stringify({ type: 'signal', ...route, body: 'text' })))).toBeNull();
  expect(parseBusMessage(new Uint8Array(MAX_BUS_MESSAGE_BYTES + 1))).toBeNull();
});

test('no room that a tab can name leads to another channel', () => {
  const join = { type: 'join', peer: '0'.repeat(16), key: '0'.repeat(64), signature: '0'.repeat(128) };
  const rooms = fc.oneof(fc.string(), hex(64), fc.constantFrom('all', '*', `${'a'.repeat(64)}\n`, `../${'a'.repeat(61)}`, 'A'.repeat(64)));
  fc.assert(
    fc.property(rooms, (room) => {
      const isRoom = /^[0-9a-f]{64}$/.test(room) && room.length === 64;
      const parse = (): unknown => parseClientMessage(JSON.stringify({ ...join, room }));
      if (isRoom) expect(CHANNELS.room((parse() as { room: string }).room)).toBe(`tabchain:1:room:${room}`);
      else expect(parse).toThrow(expect.objectContaining({ code: 'message-invalid' }));
    }),
  );
});
