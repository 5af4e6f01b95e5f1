import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aeadOpen, aeadSeal } from '../../../src/crypto/aead.ts';
import { keyedRoom } from '../../../src/protocol/room-key.ts';
import { fromHex, toHex, utf8 } from '../../../src/util/bytes.ts';
import { MAX_SEALED_SIGNAL_LENGTH, MAX_SIGNAL_BODY_LENGTH } from '../../../src/webrtc/link-limits.ts';
import { RoomSeal } from '../../../src/webrtc/room-seal.ts';
import { seededRandom } from '../net/support/test-node.ts';

const [ALEX, MING, EVE] = ['00112233445566aa', '8899aabbccddeeff', 'eeeeeeeeeeeeeeee'] as const;
const keysOf = (fill: number) => keyedRoom('ab'.repeat(32), new Uint8Array(16).fill(fill));
const seal = (peerId: string, fill = 1): RoomSeal => new RoomSeal(keysOf(fill), peerId, seededRandom(`${peerId} ${fill}`));
const changed = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, i) => (i === at % bytes.length ? byte ^ 1 : byte));

describe('the AEAD', () => {
  it('is XChaCha20-Poly1305, as in its draft (A.3.1)', () => {
    const text = "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";
    const key = fromHex('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f');
    const nonce = fromHex('404142434445464748494a4b4c4d4e4f5051525354555657');
    const context = fromHex('50515253c0c1c2c3c4c5c6c7');
    const box = aeadSeal(key, nonce, context, utf8(text));
    expect(toHex(box)).toBe(
      'bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452' +
        '2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49',
    );
    expect(aeadOpen(key, nonce, context, box)).toEqual(utf8(text));
    expect(aeadOpen(key, nonce, context, box.subarray(0, 15))).toBeNull();
  });
});

describe('sealed introductions and frames', () => {
  const vectors = JSON.parse(readFileSync(new URL('../../vectors/room-keys.json', import.meta.url), 'utf8')) as {
    introductions: { signalKey: string; from: string; to: string; sealed: string; signal: unknown }[];
    frames: { relayKey: string; from: string; to: string; sealed: string[]; plain: string[] }[];
  };

  it('are read as the vectors say', () => {
    for (const { signalKey, from, to, sealed, signal } of vectors.introductions) {
      const keys = { signalKey: fromHex(signalKey), relayKey: new Uint8Array(32) };
      expect(new RoomSeal(keys, to, seededRandom('')).openSignal(from, sealed)).toEqual(signal);
    }
    for (const { relayKey, from, to, sealed, plain } of vectors.frames) {
      const keys = { signalKey: new Uint8Array(32), relayKey: fromHex(relayKey) };
      const recipient = new RoomSeal(keys, to, seededRandom(''));
      expect(sealed.map((frame) => toHex(recipient.openFrame(from, fromHex(frame))!))).toEqual(plain);
      const link = new RoomSeal(keys, from, seededRandom('')).newLink(to);
      expect(plain.map((frame) => toHex(link(fromHex(frame))))).toEqual(sealed);
    }
    expect(vectors.introductions.length + vectors.frames.length).toBeGreaterThan(1);
  });

  it('come through unchanged to their recipient', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }), (value, frames) => {
        const [alex, ming] = [seal(ALEX), seal(MING)];
        const signal = { value };
        expect(ming.openSignal(ALEX, alex.sealSignal(MING, signal))).toEqual(JSON.parse(JSON.stringify(signal)));
        const link = alex.newLink(MING);
        expect(frames.map((frame) => ming.openFrame(ALEX, link(frame)))).toEqual(frames);
      }),
    );
  });

  it('are refused after any change, under another key, from another sender, and by another recipient', () => {
    fc.assert(
      fc.property(fc.string(), fc.uint8Array({ maxLength: 100 }), fc.nat(), (text, frame, at) => {
        const alex = seal(ALEX);
        const sealed = alex.sealSignal(MING, { text });
        const bytes = alex.newLink(MING)(frame);
        const tampered = Buffer.from(changed(Buffer.from(sealed, 'base64url'), at)).toString('base64url');
        const shorter = sealed.slice(0, at % sealed.length);
        expect([tampered, shorter, { text }].map((wrong) => seal(MING).openSignal(ALEX, wrong))).toEqual([null, null, null]);
        expect([changed(bytes, at), bytes.subarray(0, at % bytes.length)].map((wrong) => seal(MING).openFrame(ALEX, wrong))).toEqual([
          null,
          null,
        ]);
        const others: [RoomSeal, string][] = [
          [seal(MING, 2), ALEX],
          [seal(MING), EVE],
          [seal(EVE), ALEX],
        ];
        for (const [recipient, from] of others) {
          expect([recipient.openSignal(from, sealed), recipient.openFrame(from, bytes)]).toEqual([null, null]);
        }
        expect(seal(MING).openFrame(ALEX, bytes)).toEqual(frame);
      }),
    );
  });

  it('hide their text', () => {
    const sealed = Buffer.from(seal(ALEX).sealSignal(MING, { sdp: 'a=candidate' }), 'base64url').toString('latin1');
    expect(sealed).not.toContain('candidate');
  });

  it('have room for the longest signal', () => {
    const body = '"'.repeat(MAX_SIGNAL_BODY_LENGTH / 2).padEnd(MAX_SIGNAL_BODY_LENGTH, 'x');
    const signal = { key: 'f'.repeat(64), count: Number.MAX_SAFE_INTEGER, body, signature: 'f'.repeat(128) };
    const sealed = seal(ALEX).sealSignal(MING, signal);
    expect(sealed.length).toBeLessThanOrEqual(MAX_SEALED_SIGNAL_LENGTH);
    expect(seal(MING).openSignal(ALEX, sealed)).toEqual(signal);
  });

  it('never use a nonce twice, whatever links are open', () => {
    const alex = seal(ALEX);
    const links = [MING, EVE, MING].map((to) => alex.newLink(to));
    const headers = Array.from({ length: 30 }, (_, i) => toHex(links[i % 3]!(new Uint8Array(1)).subarray(0, 16)));
    expect(new Set(headers).size).toBe(headers.length);
    const nonces = Array.from({ length: 30 }, () => alex.sealSignal(MING, 1).slice(0, 32));
    expect(new Set(nonces).size).toBe(nonces.length);
  });

  it('of a relayed link are taken once, in order, and never from an earlier link', () => {
    const [alex, ming] = [seal(ALEX), seal(MING)];
    const [first, second] = [alex.newLink(MING), alex.newLink(MING)];
    const old = [1, 2, 3].map((byte) => first(Uint8Array.of(byte)));
    const fresh = [4, 5, 6, 7].map((byte) => second(Uint8Array.of(byte)));
    const take = (frame: Uint8Array): number | null => ming.openFrame(ALEX, frame)?.[0] ?? null;
    // Frame 1 before frame 0; then 0; 0 again; 2 before 1; 1.
    expect([old[1]!, old[0]!, old[0]!, old[2]!, old[1]!].map(take)).toEqual([null, 1, null, null, 2]);
    expect([fresh[1]!, fresh[0]!].map(take)).toEqual([null, 4]);
    expect([old[2]!, old[0]!, fresh[0]!, fresh[1]!, fresh[3]!, fresh[2]!].map(take)).toEqual([null, null, null, 5, null, 6]);
  });
});
