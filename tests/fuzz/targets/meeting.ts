import { iceServerText, linkedIceServers, MAX_ICE_SERVERS, parseIceServer } from '../../../src/protocol/ice-servers.ts';
import { keyedRoom, roomKeyOf, roomKeyText } from '../../../src/protocol/room-key.ts';
import { RoomSeal } from '../../../src/webrtc/room-seal.ts';
import { linkedSignalingServers, MAX_SIGNALING_SERVERS } from '../../../src/webrtc/signaling-servers.ts';
import { bytesOf, textOf } from '../support/inputs.ts';
import { must, mustEqual, orRefused, type FuzzTarget } from '../support/target.ts';

const PAGE = 'https://tabs.example.org/';
const SENDER = '0011223344556677';
const RECIPIENT = '8899aabbccddeeff';
const KEYS = keyedRoom('ab'.repeat(32), new Uint8Array(16).fill(7));
/** Sealing needs a nonce, opening does not. */
const nonces = { bytes: (length: number): Uint8Array => new Uint8Array(length).fill(9) };
const seal = (peerId: string): RoomSeal => new RoomSeal(KEYS, peerId, nonces);

const link: FuzzTarget = {
  name: 'meeting-link',
  about: 'room key, signaling, STUN and TURN servers of a link: refused by a code, or bounded and the same again from their own text',
  maxBytes: 2_000,
  words: ['#', '&', 'key=', 'signal=', 'stun=', 'turn=', 'wss://', 'stuns:', 'turn:', '@', '%40', '[::1]', ':3478', '?transport=tcp'],
  seeds: () =>
    [
      `#net=demo&key=${roomKeyText(new Uint8Array(16).fill(1))}`,
      '#signal=.&signal=wss://one.example/signal&stun=stun.example.org&stun=stuns:[2001:db8::1]:5349',
      '#turn=turn:user:pass%2540word@turn.example.org:3478?transport=udp&turn=turns:u:p@10.0.0.1',
    ].map(bytesOf),
  prepare: () => (input) => {
    const text = textOf(input);
    const key = orRefused(/^room-key-invalid$/, () => roomKeyOf(text));
    if (key) mustEqual(roomKeyOf(`#key=${roomKeyText(key)}`)!, key, 'A room key changes in a link.');
    const ice = orRefused(/^ice-server-invalid$/, () => linkedIceServers(text)) ?? [];
    must(ice.length <= MAX_ICE_SERVERS, 'A link has too many STUN and TURN servers.');
    for (const server of ice) {
      const again = parseIceServer(iceServerText(server));
      must(JSON.stringify(again) === JSON.stringify(server), 'A server changes in its text.');
    }
    const signaling = orRefused(/^signal-invalid$/, () => linkedSignalingServers(text, PAGE)) ?? [];
    must(signaling.length <= MAX_SIGNALING_SERVERS, 'A link has too many signaling servers.');
    must(
      signaling.every((address) => /^wss?:\/\/[^@#/]+\/[^#]*$/.test(address)),
      'A signaling server has a strange address.',
    );
  },
};

const introduction: FuzzTarget = {
  name: 'sealed-introduction',
  about: 'openSignal: only the sender’s own text opens',
  maxBytes: 4_000,
  seeds: () => [bytesOf(seal(SENDER).sealSignal(RECIPIENT, { kind: 'want' }))],
  prepare: () => {
    const genuine = seal(SENDER).sealSignal(RECIPIENT, { kind: 'want' });
    return (input) => {
      const text = textOf(input);
      const opened = seal(RECIPIENT).openSignal(SENDER, text);
      must((opened !== null) === (text === genuine), 'A changed introduction opens, or a genuine one does not.');
    };
  },
};

const frame: FuzzTarget = {
  name: 'sealed-frame',
  about: 'openFrame: only the sender’s own first frame opens',
  maxBytes: 4_000,
  seeds: () => [seal(SENDER).newLink(RECIPIENT)(bytesOf('frame'))],
  prepare: () => {
    const genuine = Buffer.from(seal(SENDER).newLink(RECIPIENT)(bytesOf('frame')));
    return (input) => {
      const opened = seal(RECIPIENT).openFrame(SENDER, input);
      must((opened !== null) === genuine.equals(input), 'A changed frame opens, or a genuine one does not.');
    };
  },
};

export const MEETING_TARGETS: readonly FuzzTarget[] = [link, introduction, frame];
