import { describe, expect, it } from 'vitest';
import { encodeControlFrame, isControlFrame, parseControlFrame, type ControlFrame } from '../../../src/webrtc/control-frames.ts';
import { MAX_CONTROL_BYTES, MAX_NEIGHBOURS } from '../../../src/webrtc/link-limits.ts';
import { concatBytes, utf8 } from '../../../src/util/bytes.ts';

/** What makes a team's frame senseless. */
const TEAMS = [{ rate: -1 }, { rate: '1' }, { rate: 1e16 }, { before: null }, { tip: 'x' }, { tip: 7 }, { back: 1 }];

const PEER = '0123456789abcdef';

function frameOf(text: string): Uint8Array {
  return concatBytes(Uint8Array.of(2), utf8(text));
}

describe('a control frame', () => {
  it('begins with byte 2, and comes back as it was', () => {
    const frames: ControlFrame[] = [
      { type: 'neighbours', links: [] },
      { type: 'neighbours', links: Array.from({ length: MAX_NEIGHBOURS }, () => ({ peer: PEER, kind: 'direct' as const })) },
      { type: 'pass', to: PEER, data: { key: '00', count: 1 } },
      { type: 'passed', from: PEER, data: 'sealed' },
      { type: 'team', rate: 12_345.5, before: 0, tip: '0a'.repeat(32), back: false },
    ];
    for (const frame of frames) {
      const bytes = encodeControlFrame(frame)!;
      expect([bytes[0], isControlFrame(bytes), parseControlFrame(bytes)]).toEqual([2, true, frame]);
    }
    expect([Uint8Array.of(0, 1), Uint8Array.of(1), Uint8Array.of(3), new Uint8Array()].some(isControlFrame)).toBe(false);
  });

  it('is dropped if it is not understood', () => {
    const link = { peer: PEER, kind: 'direct' };
    const texts = [
      '',
      'null',
      '7',
      '[]',
      '{',
      '{}',
      '{"type":"later"}',
      '{"type":"neighbours"}',
      '{"type":"neighbours","links":{"length":1}}',
      '{"type":"neighbours","links":[null]}',
      '{"type":"neighbours","links":[{"peer":"x","kind":"direct"}]}',
      `{"type":"neighbours","links":[{"peer":"${PEER}","kind":"psychic"}]}`,
      JSON.stringify({ type: 'neighbours', links: Array(MAX_NEIGHBOURS + 1).fill(link) }),
      `{"type":"pass","to":"${PEER}"}`,
      '{"type":"pass","to":"x","data":1}',
      `{"type":"passed","to":"${PEER}","data":1}`,
      ...TEAMS.map((change) => JSON.stringify({ type: 'team', rate: 1, before: 1, tip: '00'.repeat(32), back: true, ...change })),
      `${'['.repeat(3_000)}${']'.repeat(3_000)}`,
    ];
    expect(texts.map((text) => parseControlFrame(frameOf(text)))).toEqual(texts.map(() => null));
    expect(parseControlFrame(Uint8Array.of(2, 0xff))).toBeNull();
  });

  it('has a largest length, both ways', () => {
    const longest = (characters: number): ControlFrame => ({ type: 'pass', to: PEER, data: 'a'.repeat(characters) });
    const room = MAX_CONTROL_BYTES - encodeControlFrame(longest(0))!.length;
    const bytes = encodeControlFrame(longest(room))!;
    expect([bytes.length, parseControlFrame(bytes)]).toEqual([MAX_CONTROL_BYTES, longest(room)]);
    expect(encodeControlFrame(longest(room + 1))).toBeNull();
    expect(parseControlFrame(frameOf(JSON.stringify(longest(room + 1))))).toBeNull();
    expect(encodeControlFrame({ type: 'pass', to: PEER, data: 1n })).toBeNull();
  });
});
