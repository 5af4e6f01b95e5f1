import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fragmentFor,
  isReply,
  meetingIn,
  meetPath,
  chainPart,
  isKeyed,
  networkPart,
  paymentAt,
  paymentIn,
  placeOf,
  receiptIn,
  receiptPath,
  routePath,
  sameMeeting,
  sameNetwork,
  withKey,
  withMeetingOf,
  without,
} from '../../../src/ui/address.ts';

describe('the fragment', () => {
  it('keeps the parameters of the network as they are written', () => {
    expect(fragmentFor('#net=demo&t=15&at=/history', '/blocks/12')).toBe('#net=demo&t=15&at=/blocks/12');
    expect(fragmentFor('#at=/history&net=a%20b', '/tx/ff')).toBe('#net=a%20b&at=/tx/ff');
  });

  it('names no route at home', () => {
    expect(fragmentFor('#net=demo&at=/history', '/')).toBe('#net=demo');
    expect(fragmentFor('', '/')).toBe('#');
    expect(fragmentFor('', '/login')).toBe('#at=/login');
  });

  it('tells networks apart, not routes', () => {
    expect(sameNetwork('#net=demo&at=/blocks', '#at=/history&net=demo')).toBe(true);
    expect(sameNetwork('#a=1&net=x:y', 'http://host/#net=x%3Ay&a=1')).toBe(true);
    expect(sameNetwork('#net=demo', '#net=other')).toBe(false);
    expect(sameNetwork('#net=demo', 'http://host/')).toBe(false);
    for (const way of ['signal=wss://a.example/signal', 'stun=s.example', 'turn=u:p@t.example', 'key=secret']) {
      expect(sameNetwork(`#net=demo&${way}`, '#net=demo'), way).toBe(true);
      expect(sameMeeting(`#net=demo&${way}`, '#net=demo'), way).toBe(false);
      expect(sameMeeting(`#net=demo&${way}&at=/blocks`, `#${way}&net=demo`), way).toBe(true);
      expect(chainPart(`#net=demo&${way}&T=5000&at=/blocks`), way).toBe('net=demo&T=5000');
    }
    expect(networkPart('#atlas=1')).toBe('atlas=1');
    expect(networkPart('http://host/?a=1')).toBe('');
    expect(networkPart('http://host/?a=1#net=x&at=/y')).toBe('net=x');
  });
});

describe('placeOf', () => {
  it.each([
    ['', '/'],
    ['#net=demo&at=/', '/'],
    ['#at=/blocks/', '/blocks'],
    ['#at=%2Ftx%2Fab', '/tx/ab'],
    ['#at=blocks//12?x=1', '/blocks/12'],
  ])('%s', (fragment, path) => {
    expect(placeOf(fragment).path).toBe(path);
  });

  it('reads the query behind the path', () => {
    const place = placeOf(fragmentFor('#net=demo', routePath('/transfer', { to: 'alex', amount: '5', memo: '' })));
    expect(place.path).toBe('/transfer');
    expect([...place.query]).toEqual([
      ['to', 'alex'],
      ['amount', '5'],
    ]);
  });

  it('returns every query that was put in, and leaves the network alone', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (to, memo) => {
        const fragment = fragmentFor('#net=demo&x=1', routePath('/transfer', { to, memo }));
        const { query } = placeOf(fragment);
        expect(query.get('to') ?? '').toBe(to);
        expect(query.get('memo') ?? '').toBe(memo);
        expect(networkPart(fragment)).toBe('net=demo&x=1');
      }),
    );
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void placeOf(`#${text}`)));
  });
});

describe('payment links', () => {
  const payment = { to: 'ming', amount: '0,5', memo: 'für dich & mich' };
  const link = `http://10.0.0.5:8080/${fragmentFor('#net=pay1', routePath('/transfer', payment))}`;

  it('are read from their place, with amounts as written', () => {
    expect(paymentAt(placeOf(link))).toEqual(payment);
    expect(paymentAt(placeOf('#net=pay1&at=/transfer'))).toBeNull();
    expect(paymentAt(placeOf('#net=pay1&at=/account/ming?to=ming'))).toBeNull();
  });

  it('are read from pasted text, but only on their own network', () => {
    for (const text of [link, `  ${link}\n`, `Please pay: ${link} thank you`, link.replaceAll('&', '&amp;')]) {
      expect(paymentIn(text, '#net=pay1'), text).toEqual(payment);
    }
    for (const text of ['ming', 'tab1qqqq', '#net=pay1', link.replace('pay1', 'pay2')])
      expect(paymentIn(text, '#net=pay1'), text).toBeNull();
  });

  it('written by hand keep the text behind an "&"', () => {
    const written = '#net=pay1&at=/transfer?to=ming&amount=5&memo=hi';
    expect(paymentAt(placeOf(written))).toEqual({ to: 'ming', amount: '5', memo: 'hi' });
    expect(sameNetwork(written, '#net=pay1')).toBe(true);
  });
});

describe('the room key of a link', () => {
  const keyed = '#net=demo&key=secret&T=5000';

  it('is included in shared links, and in no text that names the network alone', () => {
    expect(withMeetingOf(`${keyed}&at=/history`, '#net=demo&T=5000')).toBe('#net=demo&T=5000&key=secret');
    expect(fragmentFor(keyed, '/blocks')).toBe(`${keyed}&at=/blocks`);
    expect(chainPart(keyed)).toBe('net=demo&T=5000');
    expect(without(keyed, 'key')).toBe('#net=demo&T=5000');
    expect([isKeyed(keyed), isKeyed('#net=demo'), isKeyed('#net=demo&at=/transfer?key=1')]).toEqual([true, false, false]);
  });

  it('can be replaced', () => {
    expect(withKey(`${keyed}&at=/history`, 'other')).toBe('#net=demo&T=5000&key=other');
    expect(withKey('', 'other')).toBe('#key=other');
  });
});

describe('signaling servers of a link', () => {
  const servers = 'signal=wss://a.example/signal&signal=wss%3A%2F%2Fb.example%2Fx';

  it('are included in shared links, next to the network as written', () => {
    expect(withMeetingOf(`#net=demo&${servers}&at=/history`, '#net=demo&T=5000')).toBe(`#net=demo&T=5000&${servers}`);
    expect(withMeetingOf(`#${servers}`, '#')).toBe(`#${servers}`);
    expect(withMeetingOf('#net=demo', '#net=demo', ['wss://c.example/s?a=1&b=2'])).toBe(
      '#net=demo&signal=wss://c.example/s%3Fa%3D1%26b%3D2',
    );
    expect(withMeetingOf('#net=demo&at=/history', '#net=demo')).toBe('#net=demo');
    expect(fragmentFor(withMeetingOf(`#${servers}`, '#net=demo'), '/blocks/1')).toBe(`#net=demo&${servers}&at=/blocks/1`);
  });

  it('can be left out', () => {
    expect(without(`#net=demo&${servers}&at=/history`, 'signal')).toBe('#net=demo&at=/history');
    expect(without(`#${servers}`, 'signal')).toBe('#');
  });
});

describe('a receipt in pasted text', () => {
  const receipt = 'AQ-_09az';

  it('is that of a link, whatever stands around the link', () => {
    const link = `http://192.168.0.5:8080/${fragmentFor('#net=demo&T=5000', receiptPath(receipt))}`;
    expect(link).toBe('http://192.168.0.5:8080/#net=demo&T=5000&at=/receipt?r=AQ-_09az');
    for (const text of [link, `see ${link} please`, link.replaceAll('&', '&amp;'), `${link}\n`]) expect(receiptIn(text)).toBe(receipt);
  });

  it('is the whole text where there is no such link', () => {
    expect(receiptIn(`  AQ-_\r\n 09az\n`)).toBe(receipt);
    expect(receiptIn('#net=demo&at=/blocks/1')).toBe('#net=demo&at=/blocks/1');
    expect(receiptIn('')).toBe('');
  });
});

describe('the invitation or reply in pasted text', () => {
  const text = `reply-${'Aa0-_'.repeat(60)}`;

  it('is that of a link or a message, also beside a network whose label begins like a reply', () => {
    const link = `https://a.example/${fragmentFor('#net=reply-3b', meetPath(text))}`;
    for (const pasted of [text, link, `see ${link} please`, `${text}\n`]) expect(meetingIn(pasted)).toBe(text);
    expect(placeOf(link).query.get('i')).toBe(text);
    expect([isReply(text), isReply(text.replace('reply', 'invite'))]).toEqual([true, false]);
  });

  it('is the beginning of the whole text where there is none', () => {
    expect(meetingIn(' hello\n you ')).toBe('helloyou');
    expect(meetingIn('x'.repeat(100_000)).length).toBeLessThanOrEqual(1_000);
  });
});
