import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Rendezvous, RendezvousEvents } from '../../src/webrtc/rendezvous.ts';

/** A place where the tabs of one test meet through one kind of rendezvous. */
export interface MeetingPlace {
  /** The rendezvous of one more tab, not started yet. */
  tab(): Promise<MeetingTab>;
  close(): Promise<void>;
}

export interface MeetingTab {
  readonly peerId: string;
  readonly rendezvous: Rendezvous;
}

/** Starts a tab's rendezvous and keeps everything that it reports. */
class Witness implements RendezvousEvents {
  readonly peerId: string;
  readonly rendezvous: Rendezvous;
  /** Tabs that are present, with their groups. */
  readonly around = new Map<string, string>();
  readonly signals: [from: string, data: unknown][] = [];
  readonly bytes: [from: string, bytes: number[]][] = [];
  /** Signals and relayed bytes in their order. */
  readonly order: string[] = [];
  stopped = false;

  constructor({ peerId, rendezvous }: MeetingTab) {
    this.peerId = peerId;
    this.rendezvous = rendezvous;
    rendezvous.start(this);
  }

  present = (peer: string, group: string): void => {
    this.#mayReport();
    this.around.set(peer, group);
  };
  absent = (peer: string): void => {
    this.#mayReport();
    this.around.delete(peer);
  };
  signal = (from: string, data: unknown): void => {
    this.#mayReport();
    this.signals.push([from, data]);
    this.order.push('signal');
  };
  relayed = (from: string, bytes: Uint8Array): void => {
    this.#mayReport();
    this.bytes.push([from, [...bytes]]);
    this.order.push('bytes');
  };
  drained = (): void => this.#mayReport();
  lost = (): void => this.around.clear();

  stop(): void {
    this.stopped = true;
    this.rendezvous.stop();
  }

  #mayReport(): void {
    expect(this.stopped, 'a report after stop').toBe(false);
  }
}

/** What every rendezvous must do (webrtc/rendezvous.ts). */
export function rendezvousContract(name: string, open: () => Promise<MeetingPlace>): void {
  describe(`tabs that meet through ${name}`, () => {
    let place: MeetingPlace;
    let tabs: Witness[];

    beforeEach(async () => {
      place = await open();
      tabs = [];
    });

    afterEach(() => place.close());

    /** A further tab; resolves when all tabs know each other. */
    async function join(): Promise<Witness> {
      const tab = new Witness(await place.tab());
      tabs.push(tab);
      await allPresent();
      return tab;
    }

    function allPresent(): Promise<void> {
      const all = tabs.filter(({ stopped }) => !stopped);
      const others = (tab: Witness): string[] => all.filter((other) => other !== tab).map(({ peerId }) => peerId);
      return expect.poll(() => all.map(({ around }) => [...around.keys()].sort())).toEqual(all.map((tab) => others(tab).sort()));
    }

    test('hear of those who are there and of those who come, each with a group, and never of themselves', async () => {
      for (let i = 0; i < 4; i++) await join();
      for (const { around } of tabs) for (const group of around.values()) expect(group).not.toBe('');
    });

    test('hear of those who leave', async () => {
      const [first, leaver, last] = [await join(), await join(), await join()];
      leaver.stop();
      await allPresent();
      expect([first.around.has(leaver.peerId), last.around.has(first.peerId)]).toEqual([false, true]);
    });

    test('get signals whole, in order, under the name of their sender, and nobody else gets them', async () => {
      const [alex, ming, other] = [await join(), await join(), await join()];
      const values = [{ a: [1, null, { b: 'é鏈' }] }, 'text', 7, false, null, [], { nested: { key: 'x'.repeat(2_000) } }];
      for (const value of values) alex.rendezvous.signal(ming.peerId, value);
      ming.rendezvous.signal(alex.peerId, 'back');
      await expect.poll(() => [ming.signals.length, alex.signals.length]).toEqual([values.length, 1]);
      expect(ming.signals).toEqual(values.map((value) => [alex.peerId, value]));
      expect(alex.signals).toEqual([[ming.peerId, 'back']]);
      expect(other.signals).toEqual([]);
    });

    test('lose signals to tabs that are not there, and nothing else', async () => {
      const [alex, ming] = [await join(), await join()];
      alex.rendezvous.signal('0123456789abcdef', 'nobody');
      alex.rendezvous.signal(ming.peerId, 'somebody');
      await expect.poll(() => ming.signals).toEqual([[alex.peerId, 'somebody']]);
    });

    test('can stop and start again', async () => {
      const [alex, ming] = [await join(), await join()];
      ming.stop();
      await allPresent();
      ming.rendezvous.signal(alex.peerId, 'after stop');
      const back = new Witness(ming);
      tabs.push(back);
      await allPresent();
      back.rendezvous.signal(alex.peerId, 'again');
      await expect.poll(() => alex.signals).toEqual([[ming.peerId, 'again']]);
    });

    test('get the bytes of links in order and after earlier signals, if the rendezvous carries links', async () => {
      const [alex, ming, other] = [await join(), await join(), await join()];
      const { relay } = alex.rendezvous;
      if (!relay) return expect(tabs.every(({ rendezvous }) => rendezvous.relay === null)).toBe(true);
      alex.rendezvous.signal(ming.peerId, 'first');
      for (let i = 0; i < 20; i++) relay.send(ming.peerId, Uint8Array.of(i, 255 - i));
      await expect.poll(() => ming.bytes.length).toBe(20);
      expect(ming.bytes).toEqual(Array.from({ length: 20 }, (_, i) => [alex.peerId, [i, 255 - i]]));
      expect([ming.order[0], other.bytes, relay.bufferedBytes(ming.peerId)]).toEqual(['signal', [], 0]);
      relay.cut(ming.peerId);
      relay.send(ming.peerId, Uint8Array.of(9));
      await expect.poll(() => ming.bytes.at(-1)).toEqual([alex.peerId, [9]]);
    });
  });
}
