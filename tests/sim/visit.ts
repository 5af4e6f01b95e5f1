import type { LinkKind } from '../../src/net/transport.ts';
import { encodeMessage } from '../../src/protocol/wire.ts';
import type { SimTab } from './tab.ts';
import type { World } from './world.ts';

/** What a stranger says, made when his turn comes; `after` runs when the node has heard it all. */
export interface Speech {
  readonly frames: readonly Uint8Array[];
  after?(): void;
}

/** Opens a link to a tab out of nowhere, says hello and then what he came for, all in one moment, and leaves. */
export function visit(world: World, tab: SimTab, stranger: string, speech: () => Speech): void {
  const { page } = tab;
  const events = page?.transport.events;
  if (!page || !events) return;
  const { network, time } = world;
  const link = {
    id: `visit ${stranger}`,
    peerId: stranger,
    kind: 'direct' as LinkKind,
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
