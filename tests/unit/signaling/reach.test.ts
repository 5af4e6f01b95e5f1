import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { lanAddresses, type Interfaces } from '../../../signaling/addresses.ts';
import { announcement } from '../../../signaling/announcement.ts';
import { Crowd, addressGroup } from '../../../signaling/crowd.ts';
import { Reach, machineNames, readReachSettings } from '../../../signaling/reach.ts';

type Headers = Record<string, string>;

const asked = (headers: Headers, remoteAddress = '192.168.1.9'): IncomingMessage =>
  ({ headers, socket: { remoteAddress } }) as unknown as IncomingMessage;

const reachOf = (environment: Headers = {}, names = ['teacher-pc', 'teacher-pc.school.example']): Reach =>
  new Reach(readReachSettings(environment), names);

describe('the server answers under', () => {
  test.each([
    'localhost:8080',
    'LOCALHOST',
    'localhost.:8080',
    'tab.localhost:8080',
    '127.0.0.1:8080',
    '192.168.1.5:8080',
    '[::1]:8080',
    '[fd00::2]',
    '203.0.113.7',
    'teacher-pc:8080',
    'printer-room:8080',
    'teacher-pc.local:8080',
    'teacher-pc.lan',
    'teacher-pc.home.arpa:8080',
    'teacher-pc.school.example:8080',
  ])('%s', (host) => {
    expect(reachOf().hostRefusal(asked({ host }))).toBeNull();
  });

  test.each(['evil.example', 'evil.example:8080', 'localhost.evil.example', '127.0.0.1.evil.example', 'teacher-pc.evil.example'])(
    'but not under names that a stranger may choose: %s',
    (host) => {
      expect(reachOf().hostRefusal(asked({ host }))).toContain('ALLOWED_HOSTS=');
    },
  );

  test.each(['a/b', 'user@localhost', 'local host', '[::1', '\\x', 'a:b:c'])('but not under an invalid host: %s', (host) => {
    expect(reachOf().hostRefusal(asked({ host }))).toBe('The request names no valid host.');
  });

  test('the names in ALLOWED_HOSTS, in any case and with any port; "*" means all', () => {
    const reach = reachOf({ ALLOWED_HOSTS: 'Tabs.Example.org, 鏈.example:8443' });
    expect(reach.hostRefusal(asked({ host: 'tabs.example.org:443' }))).toBeNull();
    expect(reach.hostRefusal(asked({ host: new URL('http://鏈.example').host }))).toBeNull();
    expect(reach.hostRefusal(asked({ host: 'sub.tabs.example.org' }))).not.toBeNull();
    expect(reachOf({ ALLOWED_HOSTS: '*' }).hostRefusal(asked({ host: 'evil.example' }))).toBeNull();
  });

  test('no name at all, as HTTP/1.0 may send none', () => {
    expect(reachOf().hostRefusal(asked({}))).toBeNull();
  });

  test('the name of this machine', () => {
    const [name] = machineNames({});
    expect(new Reach().hostRefusal(asked({ host: `${name}:8080` }))).toBeNull();
    expect(machineNames({ USERDNSDOMAIN: 'SCHOOL.EXAMPLE' })).toContainEqual(expect.stringMatching(/\.school\.example$/));
  });
});

describe('a socket is opened', () => {
  const allowed = (origin: string | undefined, host: string, environment: Headers = {}): boolean =>
    reachOf(environment).allowsSocket(asked(origin === undefined ? { host } : { host, origin }));

  test('by a page of the same host and port, and by programs that send no origin', () => {
    expect(allowed('http://localhost:8080', 'localhost:8080')).toBe(true);
    expect(allowed('https://192.168.1.5:8080', '192.168.1.5:8080')).toBe(true);
    expect(allowed('http://teacher-pc', 'teacher-pc:80')).toBe(true);
    expect(allowed(undefined, 'localhost:8080')).toBe(true);
  });

  test('by a page behind a proxy that ends TLS and forwards the host', () => {
    const environment = { ALLOWED_HOSTS: 'tabs.example.org' };
    expect(allowed('https://tabs.example.org', 'tabs.example.org', environment)).toBe(true);
    expect(allowed('https://tabs.example.org:8443', 'tabs.example.org:8443', environment)).toBe(true);
    // A proxy that sends the name of its upstream instead.
    expect(allowed('https://tabs.example.org', '127.0.0.1:8080', environment)).toBe(true);
  });

  test.each([
    ['http://evil.example', 'localhost:8080'],
    ['http://localhost:3000', 'localhost:8080'],
    ['http://127.0.0.1:8080', 'localhost:8080'],
    ['https://localhost', 'localhost:80'],
    ['null', 'localhost:8080'],
    ['', 'localhost:8080'],
    ['file://', 'localhost:8080'],
    ['chrome-extension://abc', 'localhost:8080'],
    ['http://evil.example', 'evil.example'],
  ])('by no page of another origin: %s at %s', (origin, host) => {
    expect(allowed(origin, host)).toBe(false);
  });

  test('by any origin if "*" allows it', () => {
    expect(allowed('http://evil.example', 'localhost:8080', { ALLOWED_HOSTS: '*' })).toBe(true);
  });
});

describe('a header of a proxy', () => {
  const forwarded = { host: '127.0.0.1:8080', 'x-forwarded-host': 'tabs.example.org', 'x-forwarded-for': '198.51.100.7, 203.0.113.5' };

  test('counts only if the proxy is trusted', () => {
    const environment = { ALLOWED_HOSTS: 'tabs.example.org', TRUST_PROXY: 'loopback' };
    const reach = reachOf(environment);
    const origin = 'https://other.example';
    expect(reach.hostRefusal(asked({ ...forwarded, 'x-forwarded-host': 'evil.example' }, '127.0.0.1'))).toContain('evil.example');
    expect(reach.hostRefusal(asked({ ...forwarded, 'x-forwarded-host': 'evil.example' }, '192.168.1.9'))).toBeNull();
    expect(reach.allowsSocket(asked({ ...forwarded, origin: 'https://tabs.example.org' }, '::ffff:127.0.0.1'))).toBe(true);
    expect(reach.allowsSocket(asked({ ...forwarded, origin, 'x-forwarded-host': 'other.example' }, '192.168.1.9'))).toBe(false);
  });

  test.each([
    [{ ALLOWED_HOSTS: 'https://tabs.example.org/' }, 'allowed-hosts-invalid'],
    [{ ALLOWED_HOSTS: 'a b@c' }, 'allowed-hosts-invalid'],
    [{ TRUST_PROXY: 'proxy.example' }, 'trust-proxy-invalid'],
    [{ TRUST_PROXY: '10.0.0.0/33' }, 'trust-proxy-invalid'],
    [{ TRUST_PROXY: '10.0.0.0/' }, 'trust-proxy-invalid'],
    [{ TRUST_PROXY: '10.0.0.0/8/8' }, 'trust-proxy-invalid'],
    [{ TRUST_PROXY: '2001:db8::/129' }, 'trust-proxy-invalid'],
    [{ TRUST_PROXY: '9' }, 'trust-proxy-invalid'],
    [{ TRUST_PROXY: '1, 10.0.0.0/8' }, 'trust-proxy-invalid'],
    [{ TRUST_PROXY: '-1' }, 'trust-proxy-invalid'],
  ])('is set by %o, which is refused with %s', (environment, code) => {
    expect(() => readReachSettings(environment)).toThrow(expect.objectContaining({ code }));
  });
});

describe('addresses', () => {
  const card = (address: string, mac = 'aa:bb:cc:00:00:01', internal = false) => ({
    address,
    mac,
    internal,
    family: 'IPv4' as const,
    netmask: '255.255.255.0',
    cidr: null,
  });

  test('of real network cards come before virtual ones', () => {
    const interfaces: Interfaces = {
      lo: [card('127.0.0.1', undefined, true)],
      docker0: [card('172.17.0.1', '02:42:ac:11:00:01')],
      'br-0123456789ab': [card('172.18.0.1')],
      'Ethernet 2': [card('192.168.99.1', '0a:00:27:00:00:10')],
      'VirtualBox Host-Only Ethernet Adapter': [card('192.168.56.1')],
      'vEthernet (WSL (Hyper-V firewall))': [card('172.28.64.1')],
      tailscale0: [card('100.101.102.103')],
      eth1: [card('172.20.3.4')],
      wlan0: [card('192.168.1.5')],
    };
    const ranked = lanAddresses(null, interfaces);
    expect(ranked.slice(0, 2)).toEqual(['192.168.1.5', '172.20.3.4']);
    expect(ranked).toHaveLength(8);
    expect(ranked.at(-1)).toBe('100.101.102.103');
  });

  test('of the default route come first, unless the route is a tunnel', () => {
    const interfaces: Interfaces = { eth0: [card('192.168.7.7')], wlan0: [card('172.20.3.4')], tun0: [card('10.8.0.2')] };
    expect(lanAddresses('172.20.3.4', interfaces)).toEqual(['172.20.3.4', '192.168.7.7', '10.8.0.2']);
    expect(lanAddresses('10.8.0.2', interfaces)).toEqual(['192.168.7.7', '172.20.3.4', '10.8.0.2']);
  });

  test('are otherwise ranked by their address block', () => {
    const all = ['169.254.1.1', '100.64.0.9', '172.31.0.9', '140.112.1.1', '10.1.2.3', '192.168.0.9'];
    const interfaces: Interfaces = Object.fromEntries(all.map((address, i) => [`eth${i}`, [card(address)]]));
    expect(lanAddresses(null, interfaces)).toEqual(['10.1.2.3', '192.168.0.9', '140.112.1.1', '172.31.0.9', '100.64.0.9', '169.254.1.1']);
  });

  test('are counted by household', () => {
    expect(addressGroup('::ffff:192.168.1.5')).toBe('192.168.1.5');
    expect(addressGroup('2001:db8:1:2:3:4:5:6')).toBe(addressGroup('2001:db8:1:2::9'));
    expect(addressGroup('2001:db8:1:3::9')).not.toBe(addressGroup('2001:db8:1:2::9'));
    expect(addressGroup('fe80::1%eth0')).toBe('fe80:0:0:0');
    expect(addressGroup('::1')).toBe('0:0:0:0');
    expect(addressGroup(undefined)).toBe('');
  });
});

test('in a crowd the newest socket of the address with most sockets leaves first; on a tie the newcomer leaves', () => {
  const crowd = new Crowd<string>();
  for (const [address, member] of [
    ['a', 'a1'],
    ['b', 'b1'],
    ['a', 'a2'],
    ['b', 'b2'],
    ['c', 'c1'],
  ] as const) {
    crowd.add(address, member);
  }
  expect([crowd.newestOfLargest('a'), crowd.newestOfLargest('b'), crowd.newestOfLargest('c')]).toEqual(['a2', 'b2', 'a2']);
  crowd.delete('a', 'a2');
  crowd.delete('a', 'a2');
  expect([crowd.size, crowd.countOf('a'), crowd.newestOfLargest('c')]).toEqual([4, 1, 'b2']);
});

describe('at the start', () => {
  const settings = {
    host: '0.0.0.0',
    port: 8080,
    portChosen: false,
    https: false,
    signalingOnly: false,
    metricsToken: null,
    redisUrl: null,
    iceServers: [],
  };
  const links = { local: 'http://localhost:8081/', lan: ['http://192.168.1.5:8081/', 'http://172.17.0.1:8081/'] };

  test('an unusual port is reported, and where the accounts of the usual port are', () => {
    const text = announcement(settings, 8081, links);
    expect(text).toContain('Port 8080 is in use, so this is port 8081.');
    expect(text).toContain('To have those of port 8080 back');
    expect(text).toContain('The QR code leads to http://192.168.1.5:8081/.');
    expect(text).toContain('http://172.17.0.1:8081/');
  });

  test('https is reported to have separate accounts', () => {
    const text = announcement({ ...settings, https: true }, 8080, links);
    expect(text).toContain('To have those made without https back, start without --https.');
    expect(announcement(settings, 8080, links)).not.toContain('is in use');
  });

  test('a signaling server alone prints what a page’s link needs to use it', () => {
    const text = announcement({ ...settings, https: true, signalingOnly: true }, 8080, {
      local: null,
      lan: ['https://tabs.example:8080/'],
    });
    expect(text).toContain('&signal=wss://tabs.example:8080/signal\n');
    expect(text).not.toContain('Open it in a browser');
  });
});
