import { PROTOCOL_VERSION } from '../protocol/version.ts';
import type { MonotonicClock } from '../util/ports.ts';
import { MAX_OTHER_VERSIONS, OTHER_VERSION_MS } from './peer-limits.ts';

/** Numbers of peers that speak another version of the protocol, each by its own claim. */
export interface OtherVersionCounts {
  readonly older: number;
  readonly newer: number;
}

/** The peers that lately sent a hello of another version. A claim costs nothing, so it ends a link and changes nothing else. */
export class OtherVersions {
  readonly #clock: MonotonicClock;
  readonly #heard = new Map<string, { version: number; atMs: number }>();

  constructor(clock: MonotonicClock) {
    this.#clock = clock;
  }

  note(peerId: string, version: number): void {
    this.#heard.delete(peerId);
    this.#heard.set(peerId, { version, atMs: this.#clock.monotonic() });
    const [oldest] = this.#heard.keys();
    if (this.#heard.size > MAX_OTHER_VERSIONS) this.#heard.delete(oldest!);
  }

  counts(): OtherVersionCounts {
    const since = this.#clock.monotonic() - OTHER_VERSION_MS;
    const versions = [...this.#heard.values()].filter(({ atMs }) => atMs >= since).map(({ version }) => version);
    const older = versions.filter((version) => version < PROTOCOL_VERSION).length;
    return { older, newer: versions.length - older };
  }
}
