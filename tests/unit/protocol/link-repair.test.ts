import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pathNote, tidyLink } from '../../../src/protocol/link-repair.ts';
import { parseNetworkLink } from '../../../src/protocol/network.ts';

const read = (hash: string, search = '') => tidyLink({ search, hash });

describe('links that are nearly correct', () => {
  test.each([
    ['#NET=class-3b', '#net=class-3b'],
    ['#net=quick&t=5000', '#net=quick&T=5000'],
    ['#net=quick&amp;T=5000', '#net=quick&T=5000'],
    ['#net=quick&amp;amp;T=5000&AMP;SUBSIDY=20', '#net=quick&T=5000&subsidy=20'],
    ['#net%3Dclass-3b', '#net=class-3b'],
    ['#net%253Dclass-3b', '#net=class-3b'],
    ['#net%3Dquick%26T%3D5000', '#net=quick&T=5000'],
    ['#net=quick%26T=5000', '#net=quick&T=5000'],
    ['#net=quick%26amp%3BT=5000', '#net=quick&T=5000'],
    ['#%23net=class-3b', '#net=class-3b'],
    ['##net=class-3b', '#net=class-3b'],
    ['#class-3b', '#net=class-3b'],
    ['#Class-3B', '#net=class-3b'],
    ['#class-3b&T=5000', '#net=class-3b&T=5000'],
    ['#net=Class-3B', '#net=class-3b'],
    ['#net=class–3b', '#net=class-3b'],
    ['#net=class-3b.', '#net=class-3b'],
    ['#net=class-3b。', '#net=class-3b'],
    ['#net=%E3%80%8Cclass-3b%E3%80%8D', '#net=class-3b'],
    ['#net=class-3b\u200b', '#net=class-3b'],
    ['#net=%20class-3b%20', '#net=class-3b'],
    ['#net=class-3b+', '#net=class-3b'],
    ['#ｎｅｔ＝ｃｌａｓｓ－３ｂ', '#net=class-3b'],
    ['#net%EF%BC%9Dclass-3b', '#net=class-3b'],
    ['#net=quick＆T=5000', '#net=quick&T=5000'],
    ['#net=quick&T=５０００', '#net=quick&T=5000'],
    ['#net=quick&pow=1e0fffff&Halving=10', '#net=quick&pow=1e0fffff&halving=10'],
    ['#net=class&GRANT=100', '#net=class&grant=100'],
    ['#net=class&Grant=１００。', '#net=class&grant=100'],
    ['#net=quick&Start=1d3fffff', '#net=quick&start=1d3fffff'],
    ['#net=quick&START=１ｄ３ｆｆｆｆｆ', '#net=quick&start=1d3fffff'],
    ['#net=quick&KEY=AAECAwQFBgcICQoLDA0OD2z5', '#net=quick&key=AAECAwQFBgcICQoLDA0OD2z5'],
    ['#net=quick&key=AAECAwQFBgcICQoLDA0OD2z5。', '#net=quick&key=AAECAwQFBgcICQoLDA0OD2z5'],
    ['#net=quick&STUN=stun.example.org', '#net=quick&stun=stun.example.org'],
    ['#/blocks/12', '#at=/blocks/12'],
    ['#net=demo&/blocks/12', '#net=demo&at=/blocks/12'],
    ['#net=demo&AT=/blocks', '#net=demo&at=/blocks'],
    ['#net=demo&at=/transfer?to=ming&amount=5', '#net=demo&at=/transfer?to=ming%26amount=5'],
  ])('%s is read as %s', (hash, meant) => {
    const link = read(hash);
    expect(link.hash).toBe(meant);
    expect(link.notes[0]).toEqual({ kind: 'repaired', given: hash, meant });
    expect(read(meant)).toEqual({ hash: meant, search: '', notes: [] });
  });

  test.each([
    ['?net=class-3b', '', '#net=class-3b', ''],
    ['?net=quick&T=5000', '#at=/blocks', '#at=/blocks&net=quick&T=5000', ''],
    ['?utm=x&net=class-3b&t=5000', '', '#net=class-3b&T=5000', '?utm=x'],
    ['?net%3Dclass-3b', '', '#net=class-3b', ''],
    ['?NET=class-3b', '', '#net=class-3b', ''],
    ['?net=class-3b&key=AAECAwQFBgcICQoLDA0OD2z5', '', '#net=class-3b&key=', ''],
  ])('a query string %s before %s becomes the fragment %s', (search, hash, meant, rest) => {
    expect(read(hash, search)).toMatchObject({ hash: meant, search: rest });
    expect(read(hash, search).notes).toHaveLength(1);
  });

  test('a query string never overrules the fragment', () => {
    expect(read('#net=a', '?net=b').hash).toBe('#net=a');
  });

  test.each(['?t=1764367438', '?utm_source=mail', '?size'])('%s does not affect the network', (search) => {
    expect(read('', search)).toEqual({ hash: '', search, notes: [] });
  });

  test.each([
    ['#net=demo&foo=1', 'foo', null],
    ['#net=demo&halfing=10', 'halfing', 'halving'],
    ['#nett=demo', 'nett', 'net'],
    ['#net=demo&subsidi=1', 'subsidi', 'subsidy'],
    ['#net=demo&strat=1d3fffff', 'strat', 'start'],
    ['#net=demo&grants=100', 'grants', 'grant'],
    ['#net=a&net=b', 'net', 'net'],
    ['#net=demo&keys=AAECAwQFBgcICQoLDA0OD2z5', 'keys', 'key'],
    ['#net=demo&tun=turn.example.org', 'tun', 'stun'],
    ['#net=quick&t=1&T=5000', 't', null],
    ['#net=quick&hello', 'hello', null],
  ])('%s: %s does nothing, and is named', (hash, given, meant) => {
    expect(read(hash)).toEqual({ hash, search: '', notes: [{ kind: 'ignored', given, meant }] });
  });

  test('an anchor of the page is not a network', () => {
    expect(read('#content').hash).toBe('#content');
  });
});

describe('a path in place of a fragment', () => {
  test.each([
    ['/class-3b/', '', '#net=class-3b'],
    ['/school/class-3b', '#at=/blocks', '#net=class-3b'],
  ])('%s%s may mean %s', (pathname, hash, meant) => {
    expect(pathNote(pathname, hash)).toEqual({ kind: 'path', given: 'class-3b', meant });
  });

  test.each([
    ['/', ''],
    ['/class-3b/', '#net=quick'],
    ['/index.html', ''],
    ['/%E7%8F%AD/', ''],
  ])('%s%s means no network', (pathname, hash) => {
    expect(pathNote(pathname, hash)).toBeNull();
  });
});

describe('correct links', () => {
  const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/);
  const link = fc
    .tuple(label, fc.option(fc.nat()), fc.option(fc.constantFrom('1e0fffff', '1e03ffff')), fc.option(fc.webPath()))
    .map(([net, blockTime, pow, at]) => {
      const parts = [`net=${net}`, blockTime === null ? '' : `T=${blockTime}`, pow === null ? '' : `pow=${pow}`];
      return `#${[...parts, at === null ? '' : `at=${encodeURIComponent(at)}`].filter(Boolean).join('&')}`;
    });

  test('stay unchanged', () => {
    fc.assert(fc.property(link, (hash) => void expect(read(hash)).toEqual({ hash, search: '', notes: [] })));
    const signal = '#net=demo&signal=wss://a.example/signal&signal=wss://b.example/signal';
    const servers = `${signal}&stun=stun.a.example&stun=stun.b.example&turn=turn:u:p@c.example&turn=turn:u:p@d.example`;
    for (const hash of [signal, servers, '#net=demo&key=AAECAwQFBgcICQoLDA0OD2z5'])
      expect(read(hash)).toEqual({ hash, search: '', notes: [] });
  });

  test('reading twice changes nothing more, and no link makes the parser throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (hash, search) => {
        const once = read(`#${hash}`, `?${search}`);
        expect(read(once.hash, once.search).hash).toBe(once.hash);
      }),
    );
  });
});

describe('a link that cannot be read', () => {
  test.each([
    ['#net=班級', { field: 'net', label: '班級', proposed: '' }],
    ['#net=Class 3b', { field: 'net', label: 'Class 3b', proposed: 'class-3b' }],
    ['#net=a&T=5s', { field: 'T', given: '5s' }],
    ['#net=a&T=5', { field: 'T', low: 200, high: 86_400_000 }],
    ['#net=a&pow=ff000000', { field: 'pow' }],
    ['#net=a&grant=ten', { field: 'grant', given: 'ten' }],
    ['#net=a&grant=1000000000.000001', { field: 'grant', low: 0, high: 1e15 }],
    ['#net=a&start=1e0fffff&pow=1d0fffff', { field: 'start', easiest: '1d0fffff' }],
  ])('%s is refused with the wrong part and the expected form', (hash, details) => {
    expect(() => parseNetworkLink(hash)).toThrow(
      expect.objectContaining({ code: 'network-invalid', details: expect.objectContaining(details) }),
    );
  });
});
