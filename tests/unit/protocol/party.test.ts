import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressText } from '../../../src/crypto/address.ts';
import { createNetwork, formatNetworkLink } from '../../../src/protocol/network.ts';
import { parseParty } from '../../../src/protocol/party.ts';
import { fragmentFor, routePath } from '../../../src/ui/address.ts';

const network = createNetwork({ label: 'pay1', subsidy: 20_500_000 });
const other = createNetwork({ label: 'otherroom' });
const ADDRESS = '0123456789abcdef0123456789abcdef01234567';
const TEXT = addressText(ADDRESS);

const parse = (text: string): unknown => parseParty(text, network.id);
const linkTo = (at: string, joined = network): string => `http://10.0.0.5:8080/${fragmentFor(formatNetworkLink(joined), at)}`;
const wide = (text: string): string => text.replace(/[!-~]/g, (character) => String.fromCharCode(character.charCodeAt(0) + 0xfee0));

describe('a name is read', () => {
  test.each([
    'ming',
    'Ming',
    'ＭＩＮＧ',
    'ｍｉｎｇ',
    '@ming',
    '＠Ming',
    ' ming ',
    'ming\n',
    'mi ng',
    'mi\u200bng',
    '\ufeffming',
    '\u2067ming\u2069',
    'mi\u00adng',
    '\u3000ming\u3000',
    linkTo('/transfer?to=ming'),
    linkTo('/transfer?to=Ming&amount=3'),
    linkTo('/account/ming'),
    `Pay me here: ${linkTo('/transfer?to=ming')} thanks`,
    `${linkTo('/transfer?to=ming')}&amount=5`,
    linkTo('/transfer?to=ming').replace('#net', '#NET'),
    linkTo('/transfer?to=ming&memo=lunch').replace('&', '&amp;'),
  ])('in %j', (text) => expect(parse(text)).toEqual({ kind: 'name', name: 'ming' }));

  test('that begins like an address', () => {
    for (const name of ['tab1fan', 'tab1', 'tab1_a', 'tab']) expect(parse(name)).toEqual({ kind: 'name', name });
  });
});

test('an address is read in any case and width, with spaces and line breaks, and from a link', () => {
  const broken = `${TEXT.slice(0, 20)}\r\n  ${TEXT.slice(20)}`;
  const forms = [TEXT, TEXT.toUpperCase(), `Tab1${TEXT.slice(4)}`, wide(TEXT), broken, TEXT.replace(/.{4}/g, '$& '), `\u200b${TEXT}`];
  const links = [linkTo(routePath('/transfer', { to: TEXT, amount: '3' })), linkTo(`/account/${TEXT}`)];
  for (const text of [...forms, ...links]) expect(parse(text)).toEqual({ kind: 'address', address: ADDRESS });
});

test.each([
  ['recipient-invalid', ''],
  ['recipient-invalid', '@'],
  ['recipient-invalid', 'a'],
  ['recipient-invalid', 'No Body!'],
  ['recipient-invalid', '小明'],
  ['recipient-invalid', 'mïng'],
  // None of these characters is a form of a plain letter, so they are refused and not read as another name.
  ['recipient-invalid', 'ming²'],
  ['recipient-invalid', 'ming™'],
  ['recipient-invalid', '\u212aim'],
  ['recipient-invalid', 'mіng'],
  ['recipient-invalid', 'https://example.org/#ming'],
  ['recipient-invalid', linkTo('/blocks/12')],
  ['recipient-invalid', linkTo('/transfer?amount=3')],
  ['recipient-invalid', 'm'.repeat(100_000)],
  ['address-invalid', TEXT.slice(0, 40)],
  ['address-invalid', TEXT.slice(0, -1) + (TEXT.endsWith('q') ? 'p' : 'q')],
  ['link-other-network', linkTo('/transfer?to=ming', other)],
  ['network-invalid', 'http://10.0.0.5/#net=Bad!&at=/transfer?to=ming'],
])('%s: %j', (code, text) => {
  expect(() => parse(text)).toThrow(expect.objectContaining({ code }));
});

test('no text has two meanings: a parsed result parses to itself', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...'@azAZ０ｚＡ_9 \u200b#'), maxLength: 25 })),
      (text) => {
        let party: ReturnType<typeof parseParty>;
        try {
          party = parseParty(text, network.id);
        } catch {
          return;
        }
        expect(parse(party.kind === 'name' ? party.name : addressText(party.address))).toEqual(party);
      },
    ),
  );
});
