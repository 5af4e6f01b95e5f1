import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ServerSettings } from '../../../src/page/server-settings.ts';
import { MemoryStorage } from '../util/support/memory-storage.ts';

const PAGE = 'https://tabs.example.org/';
const BESIDE = 'wss://tabs.example.org/signal';
const ID = 'ab'.repeat(32);

let stored: MemoryStorage;

beforeEach(() => {
  stored = new MemoryStorage();
  vi.stubGlobal('localStorage', stored);
});

afterEach(() => void vi.unstubAllGlobals());

const open = (fragment = '#net=a', id = ID): ServerSettings => new ServerSettings(id, fragment, PAGE);
const signaling = (settings: ServerSettings): string[] => settings.signaling().map(({ address, source }) => `${source} ${address}`);
const ice = (settings: ServerSettings): string[] => settings.ice().map(({ address, source }) => `${source} ${address}`);
const error = (code: string, what?: string): unknown =>
  expect.objectContaining({ code, ...(what === undefined ? {} : { details: expect.objectContaining({ what }) }) });

describe('the servers of a page', () => {
  it('are the server beside the page, and no STUN or TURN server, unless the link names others', () => {
    expect([signaling(open()), ice(open())]).toEqual([[`page ${BESIDE}`], []]);
    const named = open('#net=a&signal=wss://one.example/signal&turn=u:p@t.example');
    expect([signaling(named), ice(named)]).toEqual([['link wss://one.example/signal'], ['link turn:t.example']]);
    expect(() => open('#signal=x')).toThrow(error('signal-invalid', 'address'));
    expect(() => open('#stun=x..y')).toThrow(error('ice-server-invalid', 'address'));
  });

  it('are added and removed for this network on this device, also after a reload', () => {
    const settings = open();
    settings.add(' wss://two.example/signal ');
    settings.add('turn:user:secret@t.example');
    settings.add('stun:s.example');
    for (const each of [settings, open()]) {
      expect(signaling(each)).toEqual([`page ${BESIDE}`, 'device wss://two.example/signal']);
      expect(ice(each)).toEqual(['device turn:t.example', 'device stun:s.example']);
    }
    expect(signaling(open('#net=b', 'cd'.repeat(32)))).toEqual([`page ${BESIDE}`]);
    settings.remove('turn:t.example');
    settings.remove(BESIDE);
    for (const each of [settings, open()])
      expect([signaling(each), ice(each)]).toEqual([['device wss://two.example/signal'], ['device stun:s.example']]);
    settings.add(BESIDE);
    expect(signaling(open())).toEqual([`page ${BESIDE}`, 'device wss://two.example/signal']);
  });

  it('count those of the link first, and those cannot be removed', () => {
    open().add('wss://two.example/signal');
    const settings = open('#signal=wss://one.example/signal&signal=wss://two.example/signal');
    expect(signaling(settings)).toEqual(['link wss://one.example/signal', 'link wss://two.example/signal']);
    expect(() => settings.remove('wss://one.example/signal')).toThrow(error('argument-invalid'));
    expect(() => settings.remove('wss://three.example/signal')).toThrow(error('argument-invalid'));
  });

  it('take a new password for the same TURN server', () => {
    const settings = open();
    settings.add('turn:user:old@t.example');
    settings.add('turn:user:new@t.example');
    expect(settings.ice().map(({ server }) => server.credential)).toEqual(['new']);
  });

  it('include those that the host offers, until they are removed', () => {
    const settings = open();
    settings.setHostIceServers(['stun:h.example', 'turn:u:p@h.example']);
    expect(ice(settings)).toEqual(['page stun:h.example', 'page turn:h.example']);
    settings.remove('stun:h.example');
    expect(ice(settings)).toEqual(['page turn:h.example']);
    settings.add('stun:h.example');
    expect(ice(settings)).toEqual(['page stun:h.example', 'page turn:h.example']);
    expect(() => settings.setHostIceServers(['http://x'])).toThrow(error('ice-server-invalid', 'address'));
    expect(ice(settings)).toEqual(['page stun:h.example', 'page turn:h.example']);
  });

  it('are refused when they are invalid or too many, and then nothing changes', () => {
    const settings = open();
    for (const [text, code, what] of [
      ['', 'signal-invalid', 'address'],
      ['example.org', 'signal-invalid', 'address'],
      ['ws://two.example/signal', 'signal-invalid', 'insecure'],
      ['turn:t.example', 'ice-server-invalid', 'credentials'],
      ['stun:', 'ice-server-invalid', 'address'],
    ] as const)
      expect(() => settings.add(text), text).toThrow(error(code, what));
    for (const text of [undefined, 7, 'x'.repeat(2_000)]) expect(() => settings.add(text)).toThrow(error('argument-invalid'));
    expect(stored.length).toBe(0);
    for (const i of [1, 2, 3]) settings.add(`wss://s${i}.example/signal`);
    for (const i of [1, 2, 3, 4]) settings.add(`stun:s${i}.example`);
    const before = settings.signaling().length + settings.ice().length;
    expect(() => settings.add('wss://s4.example/signal')).toThrow(error('signal-invalid', 'too-many'));
    expect(() => settings.add('stun:s5.example')).toThrow(error('ice-server-invalid', 'too-many'));
    settings.add('wss://s1.example/signal');
    expect(settings.signaling().length + settings.ice().length).toBe(before);
    expect([settings.signaling().length, settings.ice().length]).toEqual([4, 4]);
  });

  it.each(['{', '[]', '{"added":7}', '{"added":[7,null,"javascript:alert(1)","turn:x"],"removed":"all"}'])(
    'do not depend on a record that another page wrote: %s',
    (text) => {
      stored.setItem(`tabchain-servers:${ID.slice(0, 16)}`, text);
      expect([signaling(open()), ice(open())]).toEqual([[`page ${BESIDE}`], []]);
    },
  );
});
