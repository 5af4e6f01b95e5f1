import fc from 'fast-check';
import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { Proxies } from '../../../signaling/proxies.ts';
import { Reach, readReachSettings } from '../../../signaling/reach.ts';
import { TestClient, startServer, type RunningServer } from './test-client.ts';

const VISITOR = '198.51.100.7';

const asked = (remoteAddress: string, forwarded?: string): IncomingMessage =>
  ({ headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded }, socket: { remoteAddress } }) as unknown as IncomingMessage;

const visitor = (setting: string, remoteAddress: string, forwarded?: string): string | undefined =>
  new Proxies(setting).visitorOf(asked(remoteAddress, forwarded));

describe('the visitor’s address', () => {
  test('is that of the socket without trusted proxies, whatever the header says', () => {
    for (const setting of ['', '0', ' , ', '10.0.0.0/8', '203.0.113.5']) {
      expect(visitor(setting, '127.0.0.1', VISITOR)).toBe('127.0.0.1');
    }
  });

  test('is the last one that no listed proxy has', () => {
    const setting = '127.0.0.1, 203.0.113.0/24';
    expect(visitor(setting, '127.0.0.1', `${VISITOR}, 203.0.113.5`)).toBe(VISITOR);
    expect(visitor(setting, '::ffff:127.0.0.1', `1.1.1.1, ${VISITOR},203.0.113.5 , 203.0.113.9`)).toBe(VISITOR);
    expect(visitor(setting, '127.0.0.1')).toBe('127.0.0.1');
    expect(visitor(setting, '192.168.1.9', VISITOR)).toBe('192.168.1.9');
    expect(visitor('loopback', '::1', VISITOR)).toBe(VISITOR);
    expect(visitor('2001:db8::/32', '2001:db8::1', VISITOR)).toBe(VISITOR);
  });

  test('is as many entries from the end as there are proxies', () => {
    const forwarded = `1.1.1.1, ${VISITOR}, 203.0.113.5`;
    expect(visitor('1', '10.0.0.4', forwarded)).toBe('203.0.113.5');
    expect(visitor('2', '10.0.0.4', forwarded)).toBe(VISITOR);
    // Fewer proxies than said: the visitor came directly to the nearest.
    expect(visitor('2', '10.0.0.4', VISITOR)).toBe(VISITOR);
  });

  test.each(['198.51.100.1', '2a00::1', '172.32.0.1', '100.128.0.1'])(
    'counts no proxies if the nearest is on the Internet: %s',
    (address) => {
      expect(visitor('2', address, VISITOR)).toBe(address);
    },
  );

  test.each([
    ['198.51.100.7:51234', VISITOR],
    ['[2001:db8::7]:443', '2001:db8::7'],
    ['[2001:db8::7]', '2001:db8::7'],
    ['2001:0DB8:0:0::0007', '2001:db8::7'],
    ['::ffff:198.51.100.7', VISITOR],
  ])('is read from %s', (text, address) => {
    expect(visitor('1', '127.0.0.1', `6.6.6.6, ${text}`)).toBe(address);
  });

  test.each(['unknown', '', '198.51.100.7.', '010.0.0.1', '127.1', '0x7f.1', '[::1', 'a:b:80', '1.1.1.1 2.2.2.2'])(
    'is never taken from behind an entry that is no address: "%s"',
    (text) => {
      // The entry before comes from the visitor, who may have invented it.
      expect(visitor('1', '127.0.0.1', `6.6.6.6, ${text}`)).toBe('127.0.0.1');
    },
  );

  test('does not depend on anything that the visitor sends', () => {
    const proxies = new Proxies('127.0.0.1, 203.0.113.0/24');
    const invented = fc.oneof(fc.string(), fc.ipV4(), fc.ipV6(), fc.constantFrom('127.0.0.1', '203.0.113.7', 'unknown', ',', '::1'));
    fc.assert(
      fc.property(fc.array(invented, { maxLength: 5 }), fc.nat(3), (entries, proxiesPassed) => {
        const appended = [VISITOR, ...Array.from({ length: proxiesPassed }, (_, i) => `203.0.113.${i}`)];
        expect(proxies.visitorOf(asked('127.0.0.1', [...entries, ...appended].join(', ')))).toBe(VISITOR);
      }),
    );
  });
});

describe('the limit of an address', () => {
  let server: RunningServer;
  afterEach(() => server.stop());

  const open = (forwarded: string): Promise<TestClient> => TestClient.open(server.url, { 'X-Forwarded-For': forwarded });

  test('counts the visitors behind a trusted proxy, a /64 of IPv6 as one', async () => {
    server = await startServer({ maxConnectionsPerAddress: 1 }, new Reach(readReachSettings({ TRUST_PROXY: '1' })));
    await open(`6.6.6.6, ${VISITOR}`);
    await open('2001:db8:0:1::5');
    expect(await (await open(`7.7.7.7, ${VISITOR}`)).refusal()).toMatchObject({ error: 'too-many-connections' });
    expect(await (await open('2001:db8:0:1:ffff::6')).refusal()).toMatchObject({ error: 'too-many-connections' });
    await open('2001:db8:0:2::5');
  });

  test('cannot be avoided by inventing addresses', async () => {
    server = await startServer({ maxConnectionsPerAddress: 1 }, new Reach(readReachSettings({})));
    await open('6.6.6.6');
    expect(await (await open('7.7.7.7')).refusal()).toMatchObject({ error: 'too-many-connections' });
  });
});
