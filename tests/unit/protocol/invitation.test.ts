import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ed25519PublicKey, ed25519Sign } from '../../../src/crypto/ed25519.ts';
import {
  MAX_CANDIDATES,
  MAX_INVITATION_CHARACTERS,
  meetingTextIn,
  readInvitation,
  readReply,
  writeInvitation,
  writeReply,
  type Candidate,
  type Session,
} from '../../../src/protocol/invitation.ts';
import { fromHex, toHex } from '../../../src/util/bytes.ts';
import { TabchainError, errorCode } from '../../../src/util/errors.ts';

interface WrittenSession extends Omit<Session, 'fingerprint' | 'candidates'> {
  fingerprint: string;
  candidates: (Omit<Candidate, 'address'> & { address: string })[];
}

interface Written {
  what: string;
  secret: string;
  key: string;
  session: WrittenSession;
  text: string;
}

const vectors = JSON.parse(readFileSync(new URL('../../vectors/invitations.json', import.meta.url), 'utf8')) as {
  room: string;
  invitations: (Written & { madeAtMs: number; id: string })[];
  replies: (Written & { invitation: string })[];
  refused: { what: string; text: string; code: string }[];
};
const { room } = vectors;

function signer(secret: string): { publicKey: Uint8Array; sign: (message: Uint8Array) => Uint8Array } {
  return { publicKey: ed25519PublicKey(fromHex(secret)), sign: (message) => ed25519Sign(message, fromHex(secret)) };
}

function live(session: WrittenSession): Session {
  const candidates = session.candidates.map((each) => ({ ...each, address: fromHex(each.address) }));
  return { ...session, fingerprint: fromHex(session.fingerprint), candidates };
}

function codeOf(action: () => unknown): string {
  try {
    action();
    return 'taken';
  } catch (error) {
    expect(error).toBeInstanceOf(TabchainError);
    return errorCode(error);
  }
}

const good = vectors.invitations[0]!.text;

describe('the vectors', () => {
  test.each(vectors.invitations)('an invitation, $what', ({ secret, key, session, madeAtMs, text, id }) => {
    expect(writeInvitation(live(session), madeAtMs, signer(secret), room)).toEqual({ id, text });
    expect(readInvitation(text, room)).toEqual({ id, key: fromHex(key), madeAtMs, session: live(session) });
  });

  test.each(vectors.replies)('a reply, $what', ({ secret, key, session, invitation, text }) => {
    expect(writeReply(live(session), invitation, signer(secret), room)).toBe(text);
    expect(readReply(text, room)).toEqual({ key: fromHex(key), invitation, session: live(session) });
  });

  test.each(vectors.refused)('refused: $what', ({ text, code }) => {
    expect(codeOf(() => readInvitation(text, room))).toBe(code);
  });

  test('the longest reply has exactly as many characters as a text may have', () => {
    const lengths = [...vectors.invitations, ...vectors.replies].map(({ text }) => text.length);
    expect(Math.max(...lengths)).toBe(MAX_INVITATION_CHARACTERS);
  });
});

describe('a text is found', () => {
  test.each([
    ['alone', good],
    ['in a link', `https://example.org/#net=invite-3b&at=/meet?i=${good}`],
    ['in a link whose label begins like a reply', `http://192.168.1.2:8080/#net=reply-club&at=/meet?i=${good}`],
    ['in a message', `Look here: ${good} and come!`],
    ['wrapped into lines', good.replace(/.{72}/g, '$&\r\n  ')],
  ])('%s', (_where, pasted) => {
    expect(meetingTextIn(pasted)).toEqual({ kind: 'invitation', text: good });
  });

  test('but not in a text longer than any message', () => {
    expect(meetingTextIn(good + ' '.repeat(4_000))).toBeNull();
  });
});

const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });
const names = (least: number, most: number): fc.Arbitrary<string> =>
  fc.string({
    unit: fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'),
    minLength: least,
    maxLength: most,
  });
const candidate: fc.Arbitrary<Candidate> = fc
  .constantFrom(['host', 'name', 16], ['host', 'ipv4', 4], ['host', 'ipv6', 16], ['srflx', 'ipv4', 4], ['srflx', 'ipv6', 16])
  .chain(([type, family, length]) =>
    fc.record({
      type: fc.constant(type),
      family: fc.constant(family),
      address: bytes(length as number),
      port: fc.integer({ min: 1, max: 65_535 }),
    }),
  ) as fc.Arbitrary<Candidate>;
const session: fc.Arbitrary<Session> = fc.record({
  ufrag: names(4, 16),
  password: names(22, 32),
  fingerprint: bytes(32),
  candidates: fc.array(candidate, { maxLength: MAX_CANDIDATES }),
});

describe('properties', () => {
  test('what is written is read back, and never longer than allowed', () => {
    fc.assert(
      fc.property(session, bytes(32), fc.integer({ min: 0, max: 2 ** 32 - 1 }), bytes(8), (given, secret, seconds, id) => {
        const by = signer(toHex(secret));
        const invitation = writeInvitation(given, seconds * 1_000, by, room);
        const reply = writeReply(given, toHex(id), by, room);
        expect(Math.max(invitation.text.length, reply.length)).toBeLessThanOrEqual(MAX_INVITATION_CHARACTERS);
        expect(readInvitation(invitation.text, room)).toEqual({
          id: invitation.id,
          key: by.publicKey,
          madeAtMs: seconds * 1_000,
          session: given,
        });
        expect(readReply(reply, room)).toEqual({ key: by.publicKey, invitation: toHex(id), session: given });
      }),
      { numRuns: 12 },
    );
  });

  test('whatever the text, a reader returns or throws one of its codes', () => {
    const codes = ['invitation-unreadable', 'invitation-kind', 'invitation-version', 'invitation-other-network'];
    const characters = fc.string({ unit: fc.constantFrom(...'abcXYZ019-_ \n'), maxLength: 450 });
    const text = fc.oneof(
      fc.string({ maxLength: 500 }),
      characters.map((end) => `invite-${end}`),
      characters.map((end) => `reply-${end}`),
      fc.tuple(fc.nat(good.length), characters).map(([at, middle]) => good.slice(0, at) + middle + good.slice(at + 1)),
    );
    fc.assert(
      fc.property(text, (given) => {
        fc.pre(meetingTextIn(given)?.text !== good);
        for (const read of [readInvitation, readReply]) expect(codes).toContain(codeOf(() => read(given, room)));
      }),
    );
  });

  test('no other text with one changed character is taken', () => {
    fc.assert(
      fc.property(fc.integer({ min: 7, max: good.length - 1 }), fc.constantFrom(...'ABCXYZabcxyz0189-_'), (at, character) => {
        fc.pre(good[at] !== character);
        expect(codeOf(() => readInvitation(good.slice(0, at) + character + good.slice(at + 1), room))).not.toBe('taken');
      }),
      { numRuns: 25 },
    );
  });
});
