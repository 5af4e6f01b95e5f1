import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Prng } from '../sim/engine/prng.ts';
import { look } from './aftermath.ts';
import type { BaseChain } from './base-chain.ts';
import { Examiner } from './examine.ts';
import { Profile, sleep } from './profile.ts';
import { mining, OWNER } from './situations.ts';
import { hosting } from './small-disk.ts';

/** Time to mine some blocks, and for the page to replace the browser's torn log. */
const LIFE_MS = 5_000;
/** Up to more than the last record, but less than the log of a few blocks. */
const MIN_TORN_BYTES = 1;
const MAX_TORN_BYTES = 3_000;

export interface TornLogRound {
  /** Bytes cut off the end of the browser's log. */
  readonly bytes: number;
  readonly acknowledged: number;
  readonly found: number;
  readonly lost: number;
  readonly faults: readonly string[];
}

/**
 * A profile whose browser is killed twice. In between, the newest log of its IndexedDB loses its end, as in a power cut. Blocks of the
 * first life may be lost then, but blocks of the second life must not be.
 */
export class TornLogRun {
  readonly #folder: string;
  readonly #profile: Profile;
  readonly #examiner: Examiner;

  private constructor(folder: string, profile: Profile, examiner: Examiner) {
    this.#folder = folder;
    this.#profile = profile;
    this.#examiner = examiner;
  }

  static async open(base: BaseChain): Promise<TornLogRun> {
    const folder = mkdtempSync(join(tmpdir(), 'tabchain-torn-log-'));
    const profile = await hosting(folder, () => Profile.open(base, OWNER));
    return new TornLogRun(folder, profile, await Examiner.of(base.feed.network));
  }

  async close(): Promise<void> {
    await this.#profile.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async round(rng: Prng): Promise<TornLogRound> {
    const profile = this.#profile;
    const bytes = rng.int(MIN_TORN_BYTES, MAX_TORN_BYTES);
    await this.#live();
    // The browser has restarted, but opens its log only for a page.
    this.#tear(bytes);
    await profile.openTab();
    await this.#live();
    const { acknowledged } = profile;
    await profile.openTab();
    const { found, lost, faults } = await look(profile, this.#examiner, OWNER, acknowledged, true);
    return { bytes, acknowledged: acknowledged?.height ?? -1, found, lost, faults };
  }

  async #live(): Promise<void> {
    await mining(this.#profile);
    await sleep(LIFE_MS);
    await this.#profile.kill('browser');
  }

  #tear(bytes: number): void {
    const files = readdirSync(this.#folder, { recursive: true, encoding: 'utf8' });
    const log = files
      .filter((file) => /IndexedDB.*leveldb.*\.log$/.test(file))
      .sort()
      .at(-1);
    if (log === undefined) throw new Error('This browser keeps IndexedDB in another way.');
    const path = join(this.#folder, log);
    truncateSync(path, Math.max(0, statSync(path).size - bytes));
  }
}
