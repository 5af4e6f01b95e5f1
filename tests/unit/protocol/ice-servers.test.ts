import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { iceServerText, linkedIceServers, MAX_ICE_SERVERS, parseIceServer, parseIceServers } from '../../../src/protocol/ice-servers.ts';

const refusal = (what: string): unknown =>
  expect.objectContaining({ code: 'ice-server-invalid', details: expect.objectContaining({ what }) });

describe('a STUN or TURN server', () => {
  test.each([
    ['stun:stun.example.org', { urls: 'stun:stun.example.org' }],
    ['stun:192.0.2.1:3478', { urls: 'stun:192.0.2.1:3478' }],
    ['STUNS:Example.org:5349', { urls: 'stuns:example.org:5349' }],
    ['stun:[2001:db8::1]:3478', { urls: 'stun:[2001:db8::1]:3478' }],
    ['stun:localhost', { urls: 'stun:localhost' }],
    ['turn:u:p@turn.example.org', { urls: 'turn:turn.example.org', username: 'u', credential: 'p' }],
    ['turn:u:p@10.0.0.1:3478?transport=udp', { urls: 'turn:10.0.0.1:3478?transport=udp', username: 'u', credential: 'p' }],
    [
      'turns:u%3A1:p%40ss%25@t.example:443?transport=tcp',
      { urls: 'turns:t.example:443?transport=tcp', username: 'u:1', credential: 'p@ss%' },
    ],
  ])('%s', (text, server) => {
    expect(parseIceServer(text)).toEqual(server);
    expect(parseIceServer(iceServerText(parseIceServer(text)))).toEqual(server);
  });

  test.each([
    ['', 'address'],
    ['stun.example.org', 'address'],
    ['https://stun.example.org', 'address'],
    ['stun://stun.example.org', 'address'],
    ['stun:', 'address'],
    ['stun:-a.example', 'address'],
    ['stun:a..example', 'address'],
    ['stun:256.0.0.1', 'address'],
    ['stun:1.2.3', 'address'],
    ['stun:[::g]', 'address'],
    ['stun:[1:2]', 'address'],
    ['stun:stun.example.org:0', 'address'],
    ['stun:stun.example.org:65536', 'address'],
    ['stun:stun.example.org?transport=udp', 'address'],
    ['stun:u:p@stun.example.org', 'address'],
    ['stun:stun.example.org/path', 'address'],
    [`stun:${'a'.repeat(1_000)}`, 'address'],
    [`stun:${'a.'.repeat(130)}org`, 'address'],
    ['turn:u:p@turn.example.org?transport=sctp', 'address'],
    ['turn:turn.example.org', 'credentials'],
    ['turn:u@turn.example.org', 'credentials'],
    ['turn::p@turn.example.org', 'credentials'],
    ['turn:u:@turn.example.org', 'credentials'],
    ['turn:u:p:q@turn.example.org', 'credentials'],
    ['turn:u:%zz@turn.example.org', 'credentials'],
    ['turn:u:%00@turn.example.org', 'credentials'],
    [`turn:u:${'p'.repeat(257)}@turn.example.org`, 'credentials'],
  ])('%s is refused: %s', (text, what) => {
    expect(() => parseIceServer(text)).toThrow(refusal(what));
  });

  test('an error does not repeat the password', () => {
    for (const text of ['turn:user:secret-1@bad host', 'turn:user:secret-1:x@turn.example.org', 'user:secret-1@turn.example.org']) {
      try {
        parseIceServer(text);
        expect.unreachable();
      } catch (error) {
        expect((error as Error).message + JSON.stringify(error)).not.toContain('secret-1');
      }
    }
  });

  test('survives its text with any printable credentials', () => {
    const credential = fc.string({ minLength: 1, maxLength: 64, unit: 'grapheme-ascii' });
    fc.assert(
      fc.property(credential, credential, (username, secret) => {
        const server = { urls: 'turn:turn.example.org:3478', username, credential: secret };
        expect(parseIceServer(iceServerText(server))).toEqual(server);
        expect(linkedIceServers(`#net=a&turn=${encodeURIComponent(iceServerText(server))}`)).toEqual([server]);
      }),
    );
  });

  test('no text makes the parser fail in another way', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((tail) => `turn:${tail}`),
        ),
        (text) => {
          try {
            expect(parseIceServer(text).urls).toMatch(/^(stun|turn)s?:/);
          } catch (error) {
            expect(error).toMatchObject({ code: 'ice-server-invalid' });
          }
        },
      ),
    );
  });
});

describe('the servers of a link', () => {
  test('may leave out the scheme that their key names', () => {
    expect(linkedIceServers('#net=a&stun=stun.example.org&stun=stuns:b.example&turn=u:p@c.example:3478&turn=turns:u:p@d.example')).toEqual([
      { urls: 'stun:stun.example.org' },
      { urls: 'stuns:b.example' },
      { urls: 'turn:c.example:3478', username: 'u', credential: 'p' },
      { urls: 'turns:d.example', username: 'u', credential: 'p' },
    ]);
    expect(linkedIceServers('#net=a&stun=')).toEqual([]);
    expect(linkedIceServers('')).toEqual([]);
  });

  test(`are at most ${MAX_ICE_SERVERS}`, () => {
    const texts = Array.from({ length: MAX_ICE_SERVERS + 1 }, (_, i) => `stun:s${i}.example`);
    expect(parseIceServers([...texts.slice(1), ...texts.slice(1)])).toHaveLength(MAX_ICE_SERVERS);
    expect(() => parseIceServers(texts)).toThrow(refusal('too-many'));
  });
});
