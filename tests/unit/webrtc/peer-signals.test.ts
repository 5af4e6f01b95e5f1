import { describe, expect, it } from 'vitest';
import { MAX_CANDIDATE_LENGTH, MAX_SDP_CANDIDATES, MAX_SDP_LENGTH } from '../../../src/webrtc/link-limits.ts';
import { parsePeerSignal, parseRtcSignal } from '../../../src/webrtc/peer-signals.ts';

const HEAD = 'v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n';
const DATA = 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n';
const host = (index: number, transport = 'udp'): string =>
  `candidate:${index} 1 ${transport} 2113937151 192.0.2.${index % 256} 5000 typ host`;
const offer = (sdp: unknown): unknown => parseRtcSignal({ type: 'offer', sdp });
const sdpOf = (sdp: string): string | null => (offer(sdp) as { sdp: string } | null)?.sdp ?? null;
const candidate = (line: unknown): unknown =>
  parseRtcSignal({ type: 'candidate', candidate: { candidate: line, sdpMid: '0', sdpMLineIndex: 0 } });

describe('a description of a stranger', () => {
  it('is accepted up to its greatest length, and not beyond', () => {
    const base = HEAD + DATA;
    const padded = (length: number): string => `${base}a=x:${'x'.repeat(length - base.length - 6)}\r\n`;
    expect(padded(MAX_SDP_LENGTH)).toHaveLength(MAX_SDP_LENGTH);
    expect(sdpOf(padded(MAX_SDP_LENGTH))).toBe(padded(MAX_SDP_LENGTH));
    expect(offer(padded(MAX_SDP_LENGTH + 1))).toBeNull();
  });

  it('keeps its first candidates, and only those of UDP', () => {
    const lines = Array.from({ length: 2 * MAX_SDP_CANDIDATES }, (_, index) => `a=${host(index, index % 4 === 3 ? 'tcp' : 'UDP')}\r\n`);
    const kept = sdpOf(HEAD + DATA + lines.join(''))!
      .split('\r\n')
      .filter((line) => line.startsWith('a=candidate:'));
    const udp = lines.filter((line) => line.includes(' UDP ')).map((line) => line.trimEnd());
    expect(kept).toEqual(udp.slice(0, MAX_SDP_CANDIDATES));
    expect(sdpOf(`${HEAD}${DATA}a=${host(1)} ${'x'.repeat(MAX_CANDIDATE_LENGTH)}\r\n`)).toBe(HEAD + DATA);
  });

  it('has one data channel and nothing else, with either kind of line end', () => {
    expect(sdpOf((HEAD + DATA).replaceAll('\r\n', '\n'))).toBe(HEAD + DATA);
    expect(offer(HEAD)).toBeNull();
    expect(offer(HEAD + DATA + DATA)).toBeNull();
    expect(offer(`${HEAD}m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n`)).toBeNull();
    expect(offer(`${HEAD}${DATA}m=video 9 UDP/TLS/RTP/SAVPF 96\r\n`)).toBeNull();
    for (const absurd of [null, 7, {}, ['v=0']]) expect(offer(absurd)).toBeNull();
  });

  it('may be an offer or an answer, but no roll-back', () => {
    const types = ['offer', 'answer', 'pranswer', 'rollback'].filter((type) => parseRtcSignal({ type, sdp: HEAD + DATA }) !== null);
    expect(types).toEqual(['offer', 'answer']);
  });
});

describe('a candidate of a stranger', () => {
  it('is of UDP, of bounded length, or the end of the candidates', () => {
    const longest = `${host(1)} ${'x'.repeat(MAX_CANDIDATE_LENGTH - host(1).length - 1)}`;
    expect(longest).toHaveLength(MAX_CANDIDATE_LENGTH);
    for (const line of [host(1), host(1, 'UDP'), longest, '']) expect(candidate(line)).toMatchObject({ candidate: { candidate: line } });
    for (const line of [`${longest}x`, host(1, 'tcp'), 'candidate:', 'x', null, 5]) expect(candidate(line)).toBeNull();
  });

  it('keeps only its three fields, each in its format', () => {
    const given = { candidate: host(1), sdpMid: 'x'.repeat(17), sdpMLineIndex: 0.5, usernameFragment: 'u' };
    expect(parseRtcSignal({ type: 'candidate', candidate: given, more: 1 })).toEqual({
      type: 'candidate',
      candidate: { candidate: host(1), sdpMid: null, sdpMLineIndex: null },
    });
  });
});

it('a signal names its attempt in 16 hexadecimal digits', () => {
  const data = { type: 'offer', sdp: HEAD + DATA };
  expect(parsePeerSignal({ kind: 'rtc', attempt: 'ab'.repeat(8), data })).not.toBeNull();
  for (const attempt of ['ab'.repeat(7), 'AB'.repeat(8), 'ab'.repeat(9), 5, undefined]) {
    expect(parsePeerSignal({ kind: 'rtc', attempt, data })).toBeNull();
  }
});
