import { Backlog } from '../net/backlog.ts';
import type { Link, Transport } from '../net/transport.ts';
import type { NodeNote, PageNote } from '../api/service.ts';

/** Report the send queue at least every this many bytes, so the worker can pace itself without a note for each message. */
const REPORT_EVERY_BYTES = 64 * 1024;

/**
 * The page's end: carries opaque bytes between its links and the node worker, and decides nothing. Frames that the worker has not taken
 * yet wait in a browser queue without limit. So this class counts them and cuts a link that sends too much.
 */
export class LinkBridge {
  readonly #transport: Transport;
  readonly #post: (note: PageNote, transfer?: Transferable[]) => void;
  readonly #prefix: string;
  readonly #backlog = new Backlog<string>();
  readonly #links = new Map<string, { link: Link; taken: number; reported: number }>();

  /** @param prefix of the ids of links, so that no two bridges of a page have the same id: notes about closed links may still be under way */
  constructor(transport: Transport, post: (note: PageNote, transfer?: Transferable[]) => void, prefix = '') {
    this.#transport = transport;
    this.#post = post;
    this.#prefix = prefix;
  }

  start(): void {
    const transport = this.#transport;
    transport.start({
      open: (link) => {
        const id = this.#id(link);
        this.#links.set(id, { link, taken: 0, reported: 0 });
        const { peerId, kind: linkKind, met, rtc } = link;
        this.#post({ kind: 'link-open', link: id, self: transport.peerId, peerId, linkKind, met, rtc });
      },
      message: (link, bytes) => {
        const id = this.#id(link);
        if (!this.#links.has(id)) return;
        const excessive = this.#backlog.add(id, bytes.length);
        const whole = bytes.byteLength === bytes.buffer.byteLength;
        this.#post({ kind: 'link-message', link: id, bytes }, whole ? [bytes.buffer as ArrayBuffer] : []);
        if (excessive !== null) this.#links.get(excessive)?.link.close('overload');
      },
      close: (link, reason) => {
        const id = this.#id(link);
        this.#links.delete(id);
        this.#backlog.drop(id);
        this.#post({ kind: 'link-closed', link: id, reason });
      },
      drained: (link) => this.#report(this.#id(link)),
    });
  }

  /** Closes every link. */
  stop(): void {
    this.#transport.stop();
  }

  /** Checks all connections now. @param stale open links may be dead */
  check(stale: boolean): void {
    this.#transport.checkNow?.(stale);
  }

  handle(note: Extract<NodeNote, { link: string }>): void {
    const entry = this.#links.get(note.link);
    if (!entry) return;
    if (note.kind === 'link-close') return entry.link.close(note.reason);
    if (note.kind === 'link-taken') return this.#backlog.take(note.link, note.frames, note.bytes);
    if (note.kind === 'link-worth') return entry.link.judge?.(note.worth);
    if (note.kind === 'link-doubted') return entry.link.doubt?.();
    entry.taken += note.bytes.length;
    entry.link.send(note.bytes);
    if (entry.taken - entry.reported >= REPORT_EVERY_BYTES) this.#report(note.link);
  }

  #id(link: Link): string {
    return this.#prefix + link.id;
  }

  #report(id: string): void {
    const entry = this.#links.get(id);
    if (!entry) return;
    entry.reported = entry.taken;
    this.#post({ kind: 'link-buffered', link: id, bytes: entry.link.bufferedBytes(), taken: entry.taken });
  }
}
