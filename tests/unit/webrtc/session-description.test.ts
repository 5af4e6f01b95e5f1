import { describe as group, expect, test } from 'vitest';
import { parseRtcSignal } from '../../../src/webrtc/peer-signals.ts';
import { describe, sessionOf } from '../../../src/webrtc/session-description.ts';
import { toHex } from '../../../src/util/bytes.ts';

/** An offer of Firefox 153 without its `a=sendrecv` lines. */
const FIREFOX = `v=0
o=mozilla...THIS_IS_SDPARTA-99.0 7360744962368734932 0 IN IP4 0.0.0.0
s=-
t=0 0
a=fingerprint:sha-256 68:BE:BC:9B:A0:93:6A:1E:07:EC:31:3D:3D:2B:EC:3A:B3:04:63:92:D3:DA:6E:84:E7:88:E5:A9:5B:A3:6E:82
a=group:BUNDLE 0
a=ice-options:trickle
m=application 9 UDP/DTLS/SCTP webrtc-datachannel
c=IN IP4 0.0.0.0
a=candidate:0 1 UDP 2122187007 1099466e-c0ef-4306-bd06-8eecfa0457a8.local 54624 typ host
a=candidate:1 1 UDP 2122252543 434e50b3-34cf-4d7a-82e7-2594efbfe9b5.local 48293 typ host
a=candidate:2 1 TCP 2105458943 1099466e-c0ef-4306-bd06-8eecfa0457a8.local 9 typ host tcptype active
a=end-of-candidates
a=ice-pwd:b3aaac0054e7f7104423da2ebb724612
a=ice-ufrag:b7e4a5e2
a=mid:0
a=setup:actpass
a=sctp-port:5000
a=max-message-size:1073741823`.replaceAll('\n', '\r\n');

const withCandidates = (...lines: string[]): string =>
  FIREFOX.replace(/a=candidate.*\r\n/g, '').replace('a=end-of', `${lines.join('\r\n')}\r\na=end-of`);

group('the parts of a session description', () => {
  test('are the names, the fingerprint and the UDP candidates by priority', () => {
    const { ufrag, password, fingerprint, candidates } = sessionOf(FIREFOX);
    expect([ufrag, password]).toEqual(['b7e4a5e2', 'b3aaac0054e7f7104423da2ebb724612']);
    expect(toHex(fingerprint)).toBe('68bebc9ba0936a1e07ec313d3d2bec3ab3046392d3da6e84e788e5a95ba36e82');
    expect(candidates.map(({ address, ...rest }) => ({ ...rest, address: toHex(address) }))).toEqual([
      { type: 'host', family: 'name', address: '434e50b334cf4d7a82e72594efbfe9b5', port: 48293 },
      { type: 'host', family: 'name', address: '1099466ec0ef4306bd068eecfa0457a8', port: 54624 },
    ]);
  });

  test.each([
    ['192.168.1.23', 'ipv4', 'c0a80117'],
    ['fd00::abcd', 'ipv6', 'fd00000000000000000000000000abcd'],
    ['::1', 'ipv6', '00000000000000000000000000000001'],
    ['2001:db8:1:2:3:4:5:6', 'ipv6', '20010db8000100020003000400050006'],
  ])('hold the address %s', (text, family, address) => {
    const [candidate] = sessionOf(withCandidates(`a=candidate:1 1 udp 5 ${text} 7 typ host`)).candidates;
    expect({ family: candidate!.family, address: toHex(candidate!.address) }).toEqual({ family, address });
  });

  test.each(['300.1.1.1', '1:2:3', 'a::b::c', 'example.org', 'a=b', '1:2:3:4:5:6:7:8:9', '12345::1'])(
    'leave out the address %s',
    (text) => {
      expect(sessionOf(withCandidates(`a=candidate:1 1 udp 5 ${text} 7 typ host`)).candidates).toEqual([]);
    },
  );

  test('hold at most six candidates, of which up to two are those that STUN servers saw', () => {
    const hosts = Array.from({ length: 9 }, (_, i) => `a=candidate:${i} 1 udp ${100 - i} 10.0.0.${i} 7 typ host`);
    const seen = Array.from({ length: 3 }, (_, i) => `a=candidate:9 1 udp ${50 - i} 203.0.113.${i} 7 typ srflx raddr 0.0.0.0 rport 0`);
    const { candidates } = sessionOf(withCandidates(...seen, ...hosts));
    expect(candidates.map(({ address }) => address.join('.'))).toEqual([
      ...['10.0.0.0', '10.0.0.1', '10.0.0.2', '10.0.0.3'],
      ...['203.0.113.0', '203.0.113.1'],
    ]);
  });

  test.each(['ice-ufrag', 'ice-pwd', 'fingerprint'])('are refused without %s', (name) => {
    expect(() => sessionOf(FIREFOX.replace(new RegExp(`a=${name}.*\r\n`), ''))).toThrow(
      expect.objectContaining({ code: 'webrtc-unavailable' }),
    );
  });
});

test('a description made from the parts has the same parts, and is a description that tabs take from each other', () => {
  const candidates = ['fd00::1 1 typ host', '192.168.1.2 2 typ host', '203.0.113.9 3 typ srflx'];
  for (const type of ['offer', 'answer'] as const) {
    for (const sdp of [FIREFOX, withCandidates(...candidates.map((each, i) => `a=candidate:1 1 udp ${9 - i} ${each}`))]) {
      const session = sessionOf(sdp);
      const made = describe(type, session);
      expect(sessionOf(made.sdp)).toEqual(session);
      expect(parseRtcSignal(made)).toEqual({ type, sdp: made.sdp });
      expect(made.sdp).toContain(type === 'offer' ? 'a=setup:actpass' : 'a=setup:active');
    }
  }
});
