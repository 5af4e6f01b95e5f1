import type { LinkKind } from '../../src/net/transport.ts';
import { encodeMessage } from '../../src/protocol/wire.ts';
import type { SimTab } from './tab.ts';
import type { World } from './world.ts';

/** The messages of a stranger; `after` runs when the node has received them all. */
export interface Speech {
  readonly frames: readonly Uint8Array[];
  after?(): void;
}

/** A stranger opens a link to a tab, sends `hello` and the frames of `speech`, all at one moment, and closes the link. */
export function visit(world: World, tab: SimTab, stranger: string, speech: () => Speech): void {
  const { page } = tab;
  const events = page?.transport.events;
  if (!page || !events) return;
  const { network, time } = world;
  const link = {
    id: `visit ${stranger}`,
    peerId: stranger,
    kind: 'direct' as LinkKind,
    met: 'server' as const,
    rtc: true,
    send: () => undefined,
    bufferedBytes: () => 0,
    close: () => time.schedule(page.owner, () => events.close(link, 'left'), 0),
  };
  const hello = encodeMessage({
    type: 'hello',
    networkId: network.id,
    peerId: stranger,
    agent: 'stranger',
    height: 0,
    tip: network.id,
    work: 0n,
    base: 0,
    clockMs: Math.floor(time.now()),
  });
  const steps = [
    () => events.open(link),
    () => events.message(link, Uint8Array.of(0, ...hello)),
    () => {
      const { frames, after } = speech();
      for (const frame of frames) events.message(link, frame);
      const end = (): void => {
        after?.();
        link.close();
      };
      time.schedule(page.owner, end, 0);
    },
  ];
  for (const step of steps) time.schedule(page.owner, step, 0);
}
