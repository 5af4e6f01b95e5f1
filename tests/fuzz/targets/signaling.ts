import { parsePeerSignal } from '../../../src/webrtc/peer-signals.ts';
import {
  decodeRelayFrame,
  encodeMessage,
  encodeRelayFrame,
  isPeerId,
  MAX_SIGNAL_DATA_BYTES,
  SIGNALING_VERSION,
  parseClientMessage,
  parseServerMessage,
  type ClientMessage,
  type ServerMessage,
} from '../../../src/protocol/signaling.ts';
import { bytesOf, jsonOr, textOf } from '../support/inputs.ts';
import { withinMemory } from '../support/memory.ts';
import { must, mustEqual, orRefused, type FuzzTarget } from '../support/target.ts';

const CODES = /^(message-(invalid|too-large)|signaling-version)$/;
const TIMES_INPUT = 16;
const PEER = '0011223344556677';
const WORDS = ['"type":', '"join"', '"signal"', '"leave"', '"welcome"', '"joined"', '"left"', '"error"', '"peer":', '"room":', '"key":'];
const MORE_WORDS = ['"data":', '"to":', '"from":', '"peers":[', '"code":', '"message":', '"__proto__":', '[[[[[[[[', '"constructor":'];

function roundTrips<M extends ClientMessage | ServerMessage>(parse: (text: string) => M): (input: Uint8Array) => void {
  return (input) => {
    const text = textOf(input);
    withinMemory(text, TIMES_INPUT, () => {
      const message = orRefused(CODES, () => parse(text));
      if (!message) return;
      const written = encodeMessage(message);
      must(encodeMessage(parse(written)) === written, 'A message changes when it is passed on.');
      must(Object.getPrototypeOf(message) === Object.prototype, 'A message has a prototype of its own.');
      if (message.type === 'signal') {
        must(bytesOf(JSON.stringify(message.data)).length <= MAX_SIGNAL_DATA_BYTES, 'A signal is larger than its limit.');
      }
    });
  };
}

const client: FuzzTarget = {
  name: 'signaling-server',
  about: 'parseClientMessage, for the server: refused, or encoded again without a change',
  maxBytes: 4_000,
  words: [...WORDS, ...MORE_WORDS],
  seeds: () =>
    (
      [
        { type: 'join', room: 'ab'.repeat(32), peer: PEER, key: 'cd'.repeat(32), signature: 'ef'.repeat(64) },
        { type: 'signal', to: PEER, data: { kind: 'rtc', attempt: PEER, data: { sdp: 'v=0' } } },
        { type: 'leave' },
        { type: 'ping' },
      ] as const
    ).map((message) => bytesOf(encodeMessage(message))),
  prepare: () => roundTrips(parseClientMessage),
};

const server: FuzzTarget = {
  name: 'signaling-client',
  about: 'parseServerMessage, for a tab: refused, or encoded again without a change',
  maxBytes: 4_000,
  words: [...WORDS, ...MORE_WORDS],
  seeds: () =>
    (
      [
        { type: 'challenge', version: SIGNALING_VERSION, nonce: 'ab'.repeat(16) },
        {
          type: 'welcome',
          peers: [
            { peer: PEER, group: '00112233' },
            { peer: 'ffeeddccbbaa9988', group: '44556677' },
          ],
        },
        { type: 'joined', peer: PEER, group: '00112233' },
        { type: 'signal', from: PEER, data: [1, null, 'x'] },
        { type: 'error', code: 'room-full', message: 'The room is full.' },
      ] as ServerMessage[]
    ).map((message) => bytesOf(encodeMessage(message))),
  prepare: () => roundTrips(parseServerMessage),
};

const relay: FuzzTarget = {
  name: 'relay-frame',
  about: 'decodeRelayFrame: refused, or the only frame with this payload',
  maxBytes: 400,
  seeds: () => [encodeRelayFrame(PEER, bytesOf('payload')), encodeRelayFrame(PEER, new Uint8Array(0))],
  prepare: () => (input) =>
    withinMemory(input, TIMES_INPUT, () => {
      const decoded = orRefused(CODES, () => decodeRelayFrame(input));
      if (!decoded) return;
      must(isPeerId(decoded.peer), 'A relayed frame comes from nobody.');
      mustEqual(encodeRelayFrame(decoded.peer, decoded.payload), input, 'A relayed frame has two encodings.');
    }),
};

const peerSignal: FuzzTarget = {
  name: 'peer-signal',
  about: 'parsePeerSignal: null, or one of the signals that two tabs exchange',
  maxBytes: 1_000,
  words: ['"kind":', '"want"', '"rtc"', '"busy"', '"relay-open"', '"relay-ok"', '"relay-close"', '"attempt":', '"data":{}'],
  seeds: () =>
    [
      '{"kind":"want"}',
      `{"kind":"rtc","attempt":"${PEER}","data":{"type":"offer","sdp":"v=0\\r\\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\\r\\n"}}`,
      'null',
      '[]',
    ].map(bytesOf),
  prepare: () => (input) => {
    const signal = parsePeerSignal(jsonOr(textOf(input)));
    if (!signal) return;
    const keys = Object.keys(signal).join();
    must(keys === (signal.kind === 'rtc' ? 'kind,attempt,data' : 'kind'), 'A signal carries more than it should.');
  },
};

export const SIGNALING_TARGETS: readonly FuzzTarget[] = [client, server, relay, peerSignal];
