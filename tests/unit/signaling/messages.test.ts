import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  MAX_RELAY_FRAME_BYTES,
  MAX_RELAY_PAYLOAD_BYTES,
  MAX_SIGNAL_DATA_BYTES,
  MAX_WELCOME_PEERS,
  SIGNALING_VERSION,
  decodeRelayFrame,
  encodeMessage,
  encodeRelayFrame,
  parseClientMessage,
  parseServerMessage,
  type ClientMessage,
  type ServerMessage,
} from '../../../src/protocol/signaling.ts';
import { errorCode } from '../../../src/util/errors.ts';

const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`));
const peer = hex(16);

const clientMessage: fc.Arbitrary<ClientMessage> = fc.oneof(
  fc.record({ type: fc.constant('join' as const), room: hex(64), peer, key: hex(64), signature: hex(128) }),
  fc.record({ type: fc.constantFrom('leave' as const, 'ping' as const) }),
  fc.record({ type: fc.constant('signal' as const), to: peer, data: fc.jsonValue() }),
);

const serverMessage: fc.Arbitrary<ServerMessage> = fc.oneof(
  fc.record({ type: fc.constant('challenge' as const), version: fc.constant(SIGNALING_VERSION), nonce: hex(32) }),
  fc.record({
    type: fc.constant('welcome' as const),
    peers: fc.uniqueArray(fc.record({ peer, group: hex(8) }), { maxLength: MAX_WELCOME_PEERS, selector: (entry) => entry.peer }),
  }),
  fc.record({ type: fc.constant('joined' as const), peer, group: hex(8) }),
  fc.record({ type: fc.constant('left' as const), peer }),
  fc.constant({ type: 'pong' as const }),
  fc.record({ type: fc.constant('signal' as const), from: peer, data: fc.jsonValue() }),
  fc.record({ type: fc.constant('error' as const), code: fc.constant('room-full'), message: fc.string({ maxLength: 100 }) }),
);

/** JSON itself turns -0 into 0. */
const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return errorCode(error);
  }
  return 'accepted';
}

const ROOM = 'ab'.repeat(32);
const PEER = '0123456789abcdef';
const FRIEND = { peer: PEER, group: '01234567' };
const PROOF = { key: 'cd'.repeat(32), signature: 'ef'.repeat(64) };

describe('messages', () => {
  test('what a tab encodes is what the server reads', () => {
    fc.assert(
      fc.property(clientMessage, (message) => {
        expect(parseClientMessage(encodeMessage(message))).toEqual(throughJson(message));
      }),
    );
  });

  test('what the server encodes is what a tab reads', () => {
    fc.assert(
      fc.property(serverMessage, (message) => {
        expect(parseServerMessage(encodeMessage(message))).toEqual(throughJson(message));
      }),
    );
  });

  test('any other text is refused by its code and nothing else is thrown', () => {
    const codes = ['message-invalid', 'message-too-large'];
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(codes).toContain(codeOf(() => parseClientMessage(text)));
        expect(codes).toContain(codeOf(() => parseServerMessage(text)));
      }),
    );
  });

  test.each([
    ['upper-case peer', { type: 'join', room: ROOM, peer: PEER.toUpperCase(), ...PROOF }],
    ['short room', { type: 'join', room: ROOM.slice(1), peer: PEER, ...PROOF }],
    ['extra field', { type: 'join', room: ROOM, peer: PEER, ...PROOF, admin: true }],
    ['inherited field', { type: 'signal', to: PEER, ['__proto__x']: 1 }],
    ['key of the wrong length', { type: 'join', room: ROOM, peer: PEER, ...PROOF, key: 'ab' }],
    ['null key', { type: 'join', room: ROOM, peer: PEER, ...PROOF, key: null }],
    ['a join without a proof', { type: 'join', room: ROOM, peer: PEER }],
    ['a ping that carries more', { type: 'ping', data: 1 }],
    ['signal without data', { type: 'signal', to: PEER }],
    ['a server message', { type: 'welcome', peers: [] }],
    ['an array', []],
    ['null', null],
  ])('the server refuses %s', (_name, message) => {
    expect(codeOf(() => parseClientMessage(JSON.stringify(message)))).toBe('message-invalid');
  });

  test.each([
    ['a peer twice', { type: 'welcome', peers: [FRIEND, FRIEND] }],
    [
      'too many peers',
      { type: 'welcome', peers: Array.from({ length: 51 }, (_, i) => ({ ...FRIEND, peer: i.toString(16).padStart(16, '0') })) },
    ],
    ['a peer without its group', { type: 'welcome', peers: [PEER] }],
    ['a nonce of the wrong length', { type: 'challenge', version: SIGNALING_VERSION, nonce: 'ab' }],
    ['a code with spaces', { type: 'error', code: 'room full', message: '' }],
    ['a long error', { type: 'error', code: 'room-full', message: 'x'.repeat(501) }],
  ])('a tab refuses %s', (_name, message) => {
    expect(codeOf(() => parseServerMessage(JSON.stringify(message)))).toBe('message-invalid');
  });

  test('a server of another version is told apart from one that sends nonsense', () => {
    for (const version of [1, SIGNALING_VERSION + 1]) {
      const text = JSON.stringify({ type: 'challenge', version, more: true });
      expect(codeOf(() => parseServerMessage(text))).toBe('signaling-version');
    }
  });

  test('the server reads every message that a tab can encode, up to every limit, and other messages are not encoded', () => {
    const units = fc.constantFrom('x', '"', '\u0000', '鏈', '\ud800');
    const large = fc.record({ unit: units, times: fc.integer({ min: MAX_SIGNAL_DATA_BYTES / 8, max: MAX_SIGNAL_DATA_BYTES }) });
    fc.assert(
      fc.property(fc.oneof(large, fc.constant(undefined), fc.jsonValue()), (value) => {
        const isLarge = typeof value === 'object' && value !== null && 'times' in value;
        const data = isLarge ? String(value['unit']).repeat(Number(value['times'])) : value;
        const message = { type: 'signal' as const, to: PEER, data };
        const refused = codeOf(() => encodeMessage(message));
        if (refused !== 'accepted') {
          expect(refused).toBe(value === undefined ? 'message-invalid' : 'message-too-large');
          return;
        }
        const read = parseClientMessage(encodeMessage(message));
        // The other end can read the forwarded signal too.
        const passed = parseServerMessage(encodeMessage({ type: 'signal', from: PEER, data: (read as typeof message).data }));
        expect(JSON.stringify(passed) === JSON.stringify({ type: 'signal', from: PEER, data })).toBe(true);
      }),
    );
  });

  test('data is bounded in bytes, not characters', () => {
    const signal = (data: string) => () => parseClientMessage(encodeMessage({ type: 'signal', to: PEER, data }));
    expect(codeOf(signal('x'.repeat(MAX_SIGNAL_DATA_BYTES - 2)))).toBe('accepted');
    expect(codeOf(signal('x'.repeat(MAX_SIGNAL_DATA_BYTES - 1)))).toBe('message-too-large');
    expect(codeOf(signal('鏈'.repeat(MAX_SIGNAL_DATA_BYTES / 3)))).toBe('message-too-large');
  });

  test('data nested to the depth of its size does not overflow the stack', () => {
    const depth = 30_000;
    const text = `{"type":"signal","to":"${PEER}","data":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    expect(['accepted', 'message-invalid']).toContain(codeOf(() => parseClientMessage(text)));
  });
});

describe('relay frames', () => {
  test('carry any payload', () => {
    fc.assert(
      fc.property(peer, fc.uint8Array({ maxLength: 1000 }), (id, payload) => {
        const decoded = decodeRelayFrame(encodeRelayFrame(id, payload));
        expect(decoded.peer).toBe(id);
        expect([...decoded.payload]).toEqual([...payload]);
      }),
    );
  });

  test('are bounded on both sides', () => {
    expect(encodeRelayFrame(PEER, new Uint8Array(MAX_RELAY_PAYLOAD_BYTES)).length).toBe(MAX_RELAY_FRAME_BYTES);
    expect(codeOf(() => encodeRelayFrame(PEER, new Uint8Array(MAX_RELAY_PAYLOAD_BYTES + 1)))).toBe('message-too-large');
    expect(codeOf(() => encodeRelayFrame('me', new Uint8Array(1)))).toBe('message-invalid');
    expect(codeOf(() => decodeRelayFrame(new Uint8Array(7)))).toBe('message-invalid');
    expect(codeOf(() => decodeRelayFrame(new Uint8Array(MAX_RELAY_FRAME_BYTES + 1)))).toBe('message-too-large');
  });
});
