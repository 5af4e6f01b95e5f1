import { describe, expect, it } from 'vitest';
import { MAX_BACKLOG_BYTES, MAX_BACKLOG_FRAMES } from '../../../src/net/peer-limits.ts';
import type { Link, LinkWorth, TransportEvents } from '../../../src/net/transport.ts';
import { LinkProxy } from '../../../src/node/link-proxy.ts';
import { LinkBridge } from '../../../src/page/link-bridge.ts';
import type { NodeNote, PageNote } from '../../../src/api/service.ts';

type LinkNote = Extract<PageNote, { kind: `link-${string}` }>;
type BackNote = Extract<NodeNote, { kind: `link-${string}` }>;

const OWN_ID = '0011223344556677';

/** Page and worker, with the messages in transit between them. */
class Crossing {
  readonly toWorker: LinkNote[] = [];
  readonly closed: string[] = [];
  readonly worth: [link: string, worth: LinkWorth][] = [];
  /** The worker's ends of links. */
  readonly proxied = new Map<string, Link>();
  readonly received = new Map<string, number>();
  events!: TransportEvents;
  readonly #bridge: LinkBridge;
  readonly proxy: LinkProxy;

  constructor(prefix?: string) {
    const transport = { peerId: OWN_ID, start: (events: TransportEvents) => (this.events = events), stop: () => undefined };
    this.#bridge = new LinkBridge(transport, (note) => this.toWorker.push(note as LinkNote), prefix);
    this.#bridge.start();
    this.proxy = new LinkProxy((note) => this.#bridge.handle(note as BackNote));
    this.proxy.start({
      open: (link) => void this.proxied.set(link.id, link),
      message: (link, bytes) => this.received.set(link.id, (this.received.get(link.id) ?? 0) + bytes.length),
      close: () => undefined,
      drained: () => undefined,
    });
  }

  open(id: string): Link {
    const link: Link = {
      id,
      peerId: id,
      kind: 'direct',
      met: 'server',
      rtc: true,
      send: () => undefined,
      bufferedBytes: () => 0,
      judge: (worth) => void this.worth.push([id, worth]),
      close: (reason) => {
        this.closed.push(`${id}: ${reason}`);
        this.events.close(link, reason);
      },
    };
    this.events.open(link);
    return link;
  }

  /** A note of the worker arrives at the page. */
  say(note: BackNote): void {
    this.#bridge.handle(note);
  }

  /** Delivers the page's messages to the worker. */
  cross(): void {
    for (const note of this.toWorker.splice(0)) this.proxy.handle(note);
  }
}

describe('between page and worker', () => {
  it('a link that delivers more than the worker accepts is cut, and other links stay', () => {
    const crossing = new Crossing();
    const [modest, greedy] = [crossing.open('modest'), crossing.open('greedy')];
    crossing.events.message(modest, new Uint8Array(100));
    for (let i = 0; i <= MAX_BACKLOG_FRAMES; i++) crossing.events.message(greedy, new Uint8Array(1));
    expect(crossing.closed).toEqual(['greedy: overload']);
    const waiting = crossing.toWorker.length;
    crossing.events.message(greedy, new Uint8Array(1));
    expect(crossing.toWorker).toHaveLength(waiting);
    crossing.cross();
    expect(crossing.received.get('modest')).toBe(100);
  });

  it('the worker knows who this tab is once a link is open', () => {
    const crossing = new Crossing();
    crossing.open('first');
    crossing.cross();
    expect(crossing.proxy.peerId).toBe(OWN_ID);
  });

  it('a prefix keeps the links of two bridges apart, and notes about the links of the other reach nobody', () => {
    const crossing = new Crossing('team 1 ');
    const link = crossing.open('direct-1');
    crossing.cross();
    expect([...crossing.proxied.keys()]).toEqual(['team 1 direct-1']);
    crossing.events.message(link, new Uint8Array(3));
    crossing.cross();
    expect(crossing.received.get('team 1 direct-1')).toBe(3);
    crossing.say({ kind: 'link-close', link: 'direct-1', reason: 'old' });
    expect(crossing.closed).toEqual([]);
    crossing.proxied.get('team 1 direct-1')!.close('over');
    crossing.cross();
    expect(crossing.closed).toEqual(['direct-1: over']);
  });

  it("the worker's opinion of a link reaches the page's end of it", () => {
    const crossing = new Crossing();
    for (const id of ['one', 'other']) crossing.open(id);
    crossing.cross();
    const worth = { latencyMs: 12, broughtAt: 345, broughtTransactionAt: null };
    crossing.proxied.get('other')!.judge!(worth);
    expect(crossing.worth).toEqual([['other', worth]]);
  });

  it('a link that delivers no more at a time than the worker accepts is never cut', () => {
    const crossing = new Crossing();
    const link = crossing.open('busy');
    const frame = 64 * 1024;
    const rounds = 20;
    const each = MAX_BACKLOG_BYTES / 2 / frame;
    for (let round = 0; round < rounds; round++) {
      for (let i = 0; i < each; i++) crossing.events.message(link, new Uint8Array(frame));
      crossing.cross();
    }
    for (let i = 0; i < 3 * MAX_BACKLOG_FRAMES; i++) {
      crossing.events.message(link, new Uint8Array(1));
      if (i % 100 === 0) crossing.cross();
    }
    crossing.cross();
    expect(crossing.closed).toEqual([]);
    expect(crossing.received.get('busy')).toBe(rounds * each * frame + 3 * MAX_BACKLOG_FRAMES);
  });
});
