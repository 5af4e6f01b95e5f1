import { expect, it } from 'vitest';
import { SILENCE_TIMEOUT_MS } from '../../../src/net/peer-limits.ts';
import { STABLE_LINK_MS } from '../../../src/webrtc/link-limits.ts';
import type { Rendezvous, RendezvousEvents } from '../../../src/webrtc/rendezvous.ts';
import { FakeRoom, FakeTab, identity } from '../net/support/fake-rtc.ts';
import { VirtualTime } from '../net/support/virtual-time.ts';

/** A page that a browser can freeze: meanwhile no timer runs, and what the server sends waits. */
class FreezablePage {
  readonly #waiting: (() => void)[] = [];
  #isFrozen = false;
  tab: FakeTab | null = null;

  /** The server as this page sees it. */
  readonly seen = (server: Rendezvous): Rendezvous => {
    const later =
      <A extends unknown[]>(event: (...values: A) => void) =>
      (...values: A): void => {
        if (this.#isFrozen) this.#waiting.push(() => event(...values));
        else event(...values);
      };
    const start = ({ present, absent, signal, relayed, drained, lost }: RendezvousEvents): void =>
      server.start({
        present: later(present),
        absent: later(absent),
        signal: later(signal),
        relayed: later(relayed),
        drained: later(drained),
        lost: later(lost),
      });
    return { kind: server.kind, relay: server.relay, start, stop: () => server.stop(), signal: (to, data) => server.signal(to, data) };
  };

  freeze(): void {
    this.#isFrozen = true;
    this.tab!.timersRun = false;
  }

  /** @param first whether the browser reports the end of the freeze before it delivers what waits */
  goOn(first: boolean): void {
    this.#isFrozen = false;
    this.tab!.timersRun = true;
    if (first) this.tab!.manager.doubtLinks();
    for (const event of this.#waiting.splice(0)) event();
    if (!first) this.tab!.manager.doubtLinks();
  }
}

for (const seconds of [35, 65, 150, 600])
  it(`a tab that was frozen for ${seconds} s is linked again within a second, although requests of all that time wait for it`, async () => {
    for (const [isLower, isBlocked, isToldFirst] of everyThree()) {
      const time = new VirtualTime(1_000_000);
      const room = new FakeRoom(time);
      room.blocked = () => isBlocked;
      const [lower, higher] = [identity(0), identity(1)].sort((a, b) => (a.peerId < b.peerId ? -1 : 1));
      const page = new FreezablePage();
      const alex = new FakeTab(room, isLower ? lower! : higher!, 'one address', [], page.seen);
      page.tab = alex;
      const ming = new FakeTab(room, isLower ? higher! : lower!);
      for (const tab of [alex, ming]) tab.start();
      await time.advance(STABLE_LINK_MS + 10_000);
      page.freeze();
      await time.advance(SILENCE_TIMEOUT_MS);
      for (const link of ming.links) link.close('silent');
      await time.advance(seconds * 1000 - SILENCE_TIMEOUT_MS);
      expect(ming.links.size).toBe(0);
      page.goOn(isToldFirst);
      await time.advance(1_000);
      expect(ming.links.size).toBeGreaterThan(0);
      expect(alex.kinds.sort()).toEqual(ming.kinds.sort());
      await time.advance(60_000);
      expect(alex.kinds).toEqual([isBlocked ? 'relayed' : 'direct']);
      expect(ming.kinds).toEqual(alex.kinds);
    }
  });

/** All combinations of three yes or no. */
function everyThree(): [boolean, boolean, boolean][] {
  return Array.from({ length: 8 }, (_, i) => [(i & 1) > 0, (i & 2) > 0, (i & 4) > 0]);
}
