import { describe, expect, it } from 'vitest';
import { linkedSignalingServers, MAX_SIGNALING_SERVERS, signalingServerBeside } from '../../../src/webrtc/signaling-servers.ts';
import { parseNetworkLink } from '../../../src/protocol/network.ts';

const HTTP = 'http://192.168.1.5:8080/';
const HTTPS = 'https://pages.example.org/tabchain/';

describe('the signaling server', () => {
  it.each([
    [HTTP, 'ws://192.168.1.5:8080/signal'],
    ['http://192.168.1.5:8080/class/index.html?x=1#net=a', 'ws://192.168.1.5:8080/class/signal'],
    [HTTPS, 'wss://pages.example.org/tabchain/signal'],
  ])('of %s is on the same host', (page, server) => {
    expect(signalingServerBeside(page)).toBe(server);
    expect(linkedSignalingServers('#signal=.', page)).toEqual([server]);
    expect(linkedSignalingServers('#signal=.&signal=wss://one.example/signal', page)).toEqual([server, 'wss://one.example/signal']);
    for (const fragment of ['#net=demo', '', '#signal=']) expect(linkedSignalingServers(fragment, page)).toEqual([]);
  });

  it('is named by the link, once or several times, each server once', () => {
    expect(linkedSignalingServers('#net=a&signal=wss://one.example/signal', HTTPS)).toEqual(['wss://one.example/signal']);
    const two = '#signal=wss://one.example/signal&net=a&signal=wss%3A%2F%2Ftwo.example%3A8443%2Fx%3Fk%3D1&signal=wss://one.example/signal';
    expect(linkedSignalingServers(two, HTTPS)).toEqual(['wss://one.example/signal', 'wss://two.example:8443/x?k=1']);
    expect(linkedSignalingServers('#signal=ws://10.0.0.2:8080/signal', HTTP)).toEqual(['ws://10.0.0.2:8080/signal']);
    expect(linkedSignalingServers('#signal=ws://localhost:8080/signal', HTTPS)).toEqual(['ws://localhost:8080/signal']);
  });

  it.each([
    ['one.example', HTTP, 'address'],
    ['https://one.example/signal', HTTP, 'address'],
    ['javascript:alert(1)', HTTP, 'address'],
    ['wss://user:secret@one.example/signal', HTTP, 'address'],
    ['wss://one.example/signal%23x', HTTP, 'address'],
    ['wss://', HTTP, 'address'],
    ['..', HTTP, 'address'],
    [`wss://one.example/${'x'.repeat(1_000)}`, HTTP, 'address'],
    ['ws://one.example/signal', HTTPS, 'insecure'],
  ])('cannot be %s on %s, and the link is refused', (server, page, what) => {
    expect(() => linkedSignalingServers(`#signal=${server}`, page)).toThrow(
      expect.objectContaining({ code: 'signal-invalid', details: expect.objectContaining({ what }) }),
    );
    expect(() => linkedSignalingServers(`#signal=wss://good.example/signal&signal=${server}`, page)).toThrow();
  });

  it('cannot be many servers', () => {
    const named = (count: number): string => `#${Array.from({ length: count }, (_, i) => `signal=wss://s${i}.example/signal`).join('&')}`;
    expect(linkedSignalingServers(named(MAX_SIGNALING_SERVERS), HTTPS)).toHaveLength(MAX_SIGNALING_SERVERS);
    expect(() => linkedSignalingServers(named(MAX_SIGNALING_SERVERS + 1), HTTPS)).toThrow(
      expect.objectContaining({ code: 'signal-invalid' }),
    );
  });

  it('does not make another network', () => {
    const network = '#net=class-3b&T=5000';
    expect(parseNetworkLink(`${network}&signal=wss://one.example/signal`).id).toBe(parseNetworkLink(network).id);
  });
});
