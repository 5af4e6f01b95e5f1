import { describe, expect, test } from 'vitest';
import { networkCode } from '../../../src/protocol/network-code.ts';
import { CodeDesk, FIND_MS } from '../../../src/webrtc/code-desk.ts';
import type { Rendezvous, RendezvousEvents } from '../../../src/webrtc/rendezvous.ts';
import { VirtualTime } from '../net/support/virtual-time.ts';

const LINK = '#net=class-3b&T=5000';

/** A signaling server with rooms, in memory. */
class Hall {
  readonly #rooms = new Map<string, Map<string, RendezvousEvents>>();
  #count = 0;
  /** Signals that passed. */
  readonly heard: unknown[] = [];

  open(room: string): Rendezvous {
    const self = `tab ${this.#count++}`;
    const members = this.#rooms.get(room) ?? new Map<string, RendezvousEvents>();
    this.#rooms.set(room, members);
    return {
      kind: 'server',
      relay: null,
      start: (events) => {
        for (const [peer, other] of members) {
          queueMicrotask(() => events.present(peer, 'group'));
          queueMicrotask(() => other.present(self, 'group'));
        }
        members.set(self, events);
      },
      stop: () => void members.delete(self),
      signal: (to, data) => {
        this.heard.push(data);
        queueMicrotask(() => members.get(to)?.signal(self, data));
      },
    };
  }

  membersIn(): number {
    return [...this.#rooms.values()].reduce((sum, members) => sum + members.size, 0);
  }

  /** Somebody in the room of `room` who answers each question with `answer`. */
  liar(room: string, answer: unknown): void {
    const connection = this.open(room);
    const ignore = (): void => undefined;
    const tell = (from: string): void => {
      for (let i = 0; i < 50; i++) connection.signal(from, answer);
    };
    connection.start({ present: ignore, absent: ignore, signal: tell, relayed: ignore, drained: ignore, lost: ignore });
  }
}

const desk = (hall: Hall, time = new VirtualTime(0)): CodeDesk => {
  return new CodeDesk({ open: (room) => [hall.open(room)], timers: time });
};

describe('the code of a network, between two tabs', () => {
  test('leads to the link while a tab shows it, and to nothing afterwards', async () => {
    const hall = new Hall();
    const teacher = desk(hall);
    const code = await teacher.show(LINK);
    expect(await desk(hall).find(code.toLowerCase())).toBe(LINK);
    teacher.hide();
    expect(hall.membersIn()).toBe(0);
    const time = new VirtualTime(0);
    const search = expect(desk(hall, time).find(code)).rejects.toMatchObject({ code: 'code-unknown' });
    await time.advance(FIND_MS + 1);
    await search;
    expect(hall.membersIn()).toBe(0);
  });

  test('leads past tabs that name another network, or junk', async () => {
    const hall = new Hall();
    const code = await networkCode(LINK);
    const rooms: string[] = [];
    await new CodeDesk({
      open: (room) => {
        rooms.push(room);
        return [];
      },
      timers: new VirtualTime(0),
    }).show(LINK);
    for (const answer of [{ link: '#net=trap' }, { link: 7 }, null, 'x', { ask: 'link' }, { link: 'x'.repeat(400) }])
      hall.liar(rooms[0]!, answer);
    await desk(hall).show(LINK);
    expect(await desk(hall).find(code)).toBe(LINK);
  });

  test('waits for a slow server and a slow answer, and not for ever for a tab that says nothing', async () => {
    const code = await networkCode(LINK);
    const events: RendezvousEvents[] = [];
    const slow: Rendezvous = {
      kind: 'server',
      relay: null,
      start: (given) => void events.push(given),
      stop: () => undefined,
      signal: () => undefined,
    };
    const time = new VirtualTime(0);
    const finder = new CodeDesk({ open: () => [slow], timers: time });
    const found = finder.find(code);
    await time.advance(FIND_MS - 1);
    events[0]!.present('teacher', 'group');
    await time.advance(FIND_MS - 1);
    events[0]!.signal('teacher', { link: LINK });
    expect(await found).toBe(LINK);

    const search = expect(finder.find(code)).rejects.toMatchObject({ code: 'code-unknown' });
    for (let i = 0; i < 1_000; i++) events[1]!.present('silent', 'group');
    await time.advance(FIND_MS + 1);
    await search;
  });

  test('is refused before any connection when it cannot be a code', async () => {
    const hall = new Hall();
    await expect(desk(hall).find('hello')).rejects.toMatchObject({ code: 'code-invalid' });
    expect(hall.membersIn()).toBe(0);
  });

  test('is shown once, however often it is asked for', async () => {
    const hall = new Hall();
    const teacher = desk(hall);
    await teacher.show(LINK);
    await teacher.show(LINK);
    expect(hall.membersIn()).toBe(1);
  });
});
