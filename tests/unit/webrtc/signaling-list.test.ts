import { describe, expect, it } from 'vitest';
import type { SignalingState } from '../../../src/net/transport.ts';
import type { SignalingClient } from '../../../src/webrtc/signaling-client.ts';
import { SignalingList } from '../../../src/webrtc/signaling-list.ts';
import { FakeRoom, FakeTab, identity } from '../net/support/fake-rtc.ts';
import { VirtualTime } from '../net/support/virtual-time.ts';

describe('the list of signaling servers', () => {
  it('adds and removes servers of a running link maker, and reports the best state', () => {
    const used: string[] = [];
    const reported: SignalingState[] = [];
    const clients = new Map<string, { url: string; state: SignalingState; onState: (state: SignalingState) => void }>();
    const list = new SignalingList({
      open: (url, onState) => {
        clients.set(url, { url, state: 'connecting', onState });
        return clients.get(url) as unknown as SignalingClient;
      },
      sealed: (client) => client,
      manager: {
        add: (rendezvous) => void used.push(`+${(rendezvous as SignalingClient).url}`),
        remove: (rendezvous) => void used.push(`-${(rendezvous as SignalingClient).url}`),
      },
      onState: (state) => void reported.push(state),
    });
    const becomes = (url: string, state: SignalingState): void => {
      const client = clients.get(url)!;
      client.state = state;
      client.onState(state);
    };
    list.use(['a', 'b']);
    becomes('a', 'unreachable');
    becomes('b', 'connected');
    list.use(['c', 'a']);
    list.use([]);
    expect(used).toEqual(['+a', '+b', '-b', '+c', '-a', '-c']);
    expect(reported).toEqual(['connecting', 'connecting', 'connected', 'connecting', 'off']);
  });
});

describe('a link maker', () => {
  it('meets tabs through a server that comes later, and keeps direct links when a server is removed', async () => {
    const time = new VirtualTime(1_000_000);
    const room = new FakeRoom(time);
    const [left, right, third] = [0, 1, 2].map((index) => new FakeTab(room, identity(index))) as [FakeTab, FakeTab, FakeTab];
    for (const tab of [left, right]) tab.start();
    await time.advance(1_000);
    expect(left.neighbours).toEqual([right.peerId]);
    left.manager.remove(left.rendezvous);
    await time.advance(60_000);
    expect(left.neighbours).toEqual([right.peerId]);
    // Otherwise this tab would introduce the third.
    right.manager.stop();
    third.start();
    await time.advance(60_000);
    expect(left.neighbours).toEqual([]);
    left.manager.add(left.rendezvous);
    await time.advance(1_000);
    expect(left.neighbours).toEqual([third.peerId]);
  });

  it('ends the relayed links of a removed server', async () => {
    const time = new VirtualTime(1_000_000);
    const room = new FakeRoom(time);
    room.blocked = () => true;
    const tabs = [new FakeTab(room, identity(0)), new FakeTab(room, identity(1))];
    for (const tab of tabs) tab.start();
    await time.advance(20_000);
    expect(tabs[0]!.kinds).toEqual(['relayed']);
    tabs[0]!.manager.remove(tabs[0]!.rendezvous);
    await time.advance(1_000);
    expect(tabs.map(({ kinds }) => kinds)).toEqual([[], []]);
  });
});
