import { expect, it } from 'vitest';
import { LocalRendezvous, type ChannelLike } from '../../../src/webrtc/local-rendezvous.ts';

/** Delivers messages at once to all other channels, while a BroadcastChannel delivers a moment later. */
class Hub {
  readonly #channels = new Set<ChannelLike>();

  open(): ChannelLike {
    const channel: ChannelLike = {
      onmessage: null,
      postMessage: (data) => {
        for (const other of this.#channels) if (other !== channel) other.onmessage?.({ data: structuredClone(data) } as MessageEvent);
      },
      close: () => this.#channels.delete(channel),
    };
    this.#channels.add(channel);
    return channel;
  }
}

function tab(hub: Hub, id: string) {
  const events: unknown[][] = [];
  const note =
    (name: string) =>
    (...values: unknown[]) =>
      void events.push([name, ...values]);
  const rendezvous = new LocalRendezvous(id, () => hub.open());
  rendezvous.start({
    present: note('present'),
    absent: note('absent'),
    signal: note('signal'),
    relayed: note('relayed'),
    drained: note('drained'),
    lost: note('lost'),
  });
  return { id, rendezvous, events };
}

it('introduces the tabs of one browser, passes their signals, and reports who has left', () => {
  const hub = new Hub();
  const [a, b, c] = ['a', 'b', 'c'].map((letter) => tab(hub, letter.repeat(16)));
  for (const one of [a, b, c]) {
    const others = [a, b, c].filter((other) => other !== one).map((other) => other!.id);
    expect([...new Set(one!.events.map(([name, id]) => `${String(name)} ${String(id)}`))].sort()).toEqual(
      others.map((id) => `present ${id}`),
    );
  }
  a!.rendezvous.signal(b!.id, { kind: 'want' });
  a!.rendezvous.relay.send(c!.id, Uint8Array.of(1));
  expect(b!.events.at(-1)).toEqual(['signal', a!.id, { kind: 'want' }]);
  expect(c!.events.at(-1)).toEqual(['relayed', a!.id, Uint8Array.of(1)]);
  a!.rendezvous.stop();
  expect(b!.events.at(-1)).toEqual(['absent', a!.id]);
  const stray = hub.open();
  const before = b!.events.length;
  for (const message of [null, 7, {}, { type: 'here', from: 'x' }, { type: 'relay', from: a!.id, to: b!.id, data: 'text' }])
    stray.postMessage(message);
  expect(b!.events).toHaveLength(before);
});
