import { describe, expect, it } from 'vitest';
import { keyedRoom } from '../../../src/protocol/room-key.ts';
import { DIAL_TIMEOUT_MS } from '../../../src/webrtc/link-limits.ts';
import { RoomSeal } from '../../../src/webrtc/room-seal.ts';
import { SealedRendezvous } from '../../../src/webrtc/sealed-rendezvous.ts';
import { FakeRoom, FakeTab, identity, ROOM, Stranger } from '../net/support/fake-rtc.ts';
import { seededRandom } from '../net/support/test-node.ts';
import { VirtualTime } from '../net/support/virtual-time.ts';

/** Tabs that a server puts into one room, although their keys lead to different rooms. */
function world() {
  const time = new VirtualTime(1_000_000);
  const room = new FakeRoom(time);
  const tab = (index: number, key: number | null, server = room): FakeTab => {
    const who = identity(index);
    const keys = keyedRoom(ROOM, new Uint8Array(16).fill(key ?? 0));
    const seal = new RoomSeal(keys, who.peerId, seededRandom(`seal ${index}`));
    const made = new FakeTab(server, who, 'one address', [], (inner) => (key === null ? inner : new SealedRendezvous(inner, seal)));
    made.start();
    return made;
  };
  return { time, room, tab };
}

describe('tabs in a room with a key', () => {
  it('meet only tabs with the same key, although the server announces all', async () => {
    const { time, room, tab } = world();
    const [alex, ming, other, plain] = [tab(0, 1), tab(1, 1), tab(2, 2), tab(3, null)];
    await time.advance(DIAL_TIMEOUT_MS + 5_000);
    expect([alex, ming, other, plain].map(({ neighbours }) => neighbours)).toEqual([[ming.peerId], [alex.peerId], [], []]);
    const sent = room.log.filter(({ from }) => from !== plain.peerId);
    expect(sent.length).toBeGreaterThan(2);
    expect(sent.every(({ data }) => typeof data === 'string' && /^[\w-]+$/.test(data))).toBe(true);
  });

  it('check no signature and log nothing for tabs without the key', async () => {
    const { time, room, tab } = world();
    const alex = tab(0, 1);
    const stranger = new Stranger(room, identity(5));
    for (let i = 0; i < 50; i++) stranger.say(alex.peerId, { kind: 'want' });
    await time.advance(1_000);
    expect(alex.logs.filter((event) => event.includes('signal'))).toEqual([]);
    expect(stranger.heard.every(({ data }) => typeof data === 'string')).toBe(true);
  });

  it('are relayed by a server that cannot read or change their bytes', async () => {
    const { time, room, tab } = world();
    room.blocked = () => true;
    const [alex, ming] = [tab(0, 1), tab(1, 1)];
    const seen: Uint8Array[] = [];
    let tamper = false;
    const deliver = room.deliver.bind(room);
    room.deliver = (from, to, action) =>
      deliver(from, to, (events) =>
        action({
          ...events,
          relayed: (sender, bytes) => {
            seen.push(bytes);
            events.relayed(sender, tamper ? bytes.map((byte) => byte ^ 1) : bytes);
          },
          signal: (sender, data) => events.signal(sender, data),
          absent: (peer) => events.absent(peer),
        }),
      );
    await time.advance(DIAL_TIMEOUT_MS + 2_000);
    expect([alex.kinds, ming.kinds]).toEqual([['relayed'], ['relayed']]);
    const text = new TextEncoder().encode('a block that nobody else reads');
    alex.link('relayed', ming).send(text.slice());
    await time.advance(100);
    expect(ming.messages.map(({ bytes }) => [...bytes])).toEqual([[...text]]);
    expect(seen.length).toBeGreaterThan(0);
    for (const bytes of seen) expect(Buffer.from(bytes).toString('latin1')).not.toContain('nobody');
    tamper = true;
    alex.link('relayed', ming).send(text.slice());
    await time.advance(100);
    expect(ming.messages).toHaveLength(1);
  });

  it('make a relayed link again after its end', async () => {
    const { time, room, tab } = world();
    room.blocked = () => true;
    const [alex, ming] = [tab(0, 1), tab(1, 1)];
    await time.advance(DIAL_TIMEOUT_MS + 2_000);
    for (let i = 1; i <= 3; i++) {
      alex.link('relayed', ming).send(Uint8Array.of(0, i));
      await time.advance(100);
      alex.link('relayed', ming).close('again');
      await time.advance(120_000);
    }
    expect(ming.messages.map(({ bytes }) => [...bytes])).toEqual([
      [0, 1],
      [0, 2],
      [0, 3],
    ]);
  });
});
