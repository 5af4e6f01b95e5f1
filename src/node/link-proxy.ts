import type { Link, LinkKind, LinkWorth, Meeting, Transport, TransportEvents } from '../net/transport.ts';
import type { NodeNote, PageNote } from '../api/service.ts';

/** The worker reports arrived bytes at least this often, so that the page knows the unread rest without a note for each frame. */
const REPORT_EVERY_BYTES = 256 * 1024;
const REPORT_EVERY_FRAMES = 32;

type LinkNote = Extract<PageNote, { link: string }>;

/**
 * The worker's end of the page's links. RTCPeerConnection exists only on the page, so bytes cross by `postMessage`. This class turns the
 * messages into a {@link Transport} again.
 */
export class LinkProxy implements Transport {
  /** Empty until the page has opened a link. */
  peerId = '';
  readonly #post: (note: NodeNote, transfer: Transferable[]) => void;
  readonly #links = new Map<string, ProxiedLink>();
  #events: TransportEvents | null = null;

  constructor(post: (note: NodeNote, transfer: Transferable[]) => void) {
    this.#post = post;
  }

  start(events: TransportEvents): void {
    this.#events = events;
    // The page may have opened links before the node started.
    for (const link of this.#links.values()) events.open(link);
  }

  stop(): void {
    for (const link of [...this.#links.values()]) link.close('stopped');
    this.#events = null;
  }

  checkNow(stale: boolean): void {
    this.#post({ kind: 'check-links', stale }, []);
  }

  /** Handles a link note of the page. Notes must come in order. */
  handle(note: LinkNote): void {
    if (note.kind === 'link-open') {
      this.peerId = note.self;
      const link = new ProxiedLink(note, this.#post);
      this.#links.set(link.id, link);
      this.#events?.open(link);
      return;
    }
    const link = this.#links.get(note.link);
    if (!link) return;
    if (note.kind === 'link-message') {
      link.arrived(note.bytes.length);
      this.#events?.message(link, note.bytes);
    } else if (note.kind === 'link-buffered') {
      link.setBuffered(note.bytes, note.taken);
      this.#events?.drained(link);
    } else {
      this.#links.delete(link.id);
      this.#events?.close(link, note.reason);
    }
  }
}

class ProxiedLink implements Link {
  readonly id: string;
  readonly peerId: string;
  readonly kind: LinkKind;
  readonly met: Meeting;
  readonly rtc: boolean;
  readonly #post: (note: NodeNote, transfer: Transferable[]) => void;
  /** Bytes posted to the page since the link opened. The page reports the bytes that it has taken, and those that it still queues. */
  #posted = 0;
  #buffered = 0;
  #taken = 0;
  /** Frames (and `#bytes`) that arrived from the page and are not reported yet. */
  #frames = 0;
  #bytes = 0;

  constructor(opened: Extract<LinkNote, { kind: 'link-open' }>, post: (note: NodeNote, transfer: Transferable[]) => void) {
    this.id = opened.link;
    this.peerId = opened.peerId;
    this.kind = opened.linkKind;
    this.met = opened.met;
    this.rtc = opened.rtc;
    this.#post = post;
  }

  send(bytes: Uint8Array): void {
    this.#posted += bytes.length;
    const whole = bytes.byteLength === bytes.buffer.byteLength;
    this.#post({ kind: 'link-send', link: this.id, bytes }, whole ? [bytes.buffer as ArrayBuffer] : []);
  }

  arrived(bytes: number): void {
    this.#frames++;
    this.#bytes += bytes;
    if (this.#frames < REPORT_EVERY_FRAMES && this.#bytes < REPORT_EVERY_BYTES) return;
    this.#post({ kind: 'link-taken', link: this.id, frames: this.#frames, bytes: this.#bytes }, []);
    this.#frames = 0;
    this.#bytes = 0;
  }

  bufferedBytes(): number {
    return this.#posted - this.#taken + this.#buffered;
  }

  setBuffered(buffered: number, taken: number): void {
    this.#buffered = buffered;
    this.#taken = taken;
  }

  judge(worth: LinkWorth): void {
    this.#post({ kind: 'link-worth', link: this.id, worth }, []);
  }

  doubt(): void {
    this.#post({ kind: 'link-doubted', link: this.id }, []);
  }

  close(reason: string): void {
    this.#post({ kind: 'link-close', link: this.id, reason }, []);
  }
}
