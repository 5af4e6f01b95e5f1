import type { Status } from '../../src/api/api.ts';
import { waitUntil } from '../browser/harness/wait.ts';
import type { Prng } from '../sim/engine/prng.ts';
import { look } from './aftermath.ts';
import type { BaseChain } from './base-chain.ts';
import { Examiner } from './examine.ts';
import { Profile, sleep, type Victim } from './profile.ts';
import { mining, OWNER } from './situations.ts';
import { hosting, SmallDisk } from './small-disk.ts';

/** Space for a Chromium profile with its caches, the node's writes, and ballast. */
const DISK_MEGABYTES = 192;

/** How long the disk stays full after the first refusal; the node's retries become rarer meanwhile. */
const MIN_FULL_MS = 500;
const MAX_FULL_MS = 6_000;

/** The node retries at least once a minute. */
const RECOVERY_MS = 90_000;
const REFUSAL_MS = 60_000;

/** A database of this test: if it is gone, the browser has deleted all data of the origin. */
const WITNESS = 'witness';

/** `freed`: space is freed, the tab recovers, and is killed then; `killed`: the tab is killed while the disk is full. */
export type FullDiskEnd = 'freed' | 'killed';

export interface FullDiskRound {
  readonly end: FullDiskEnd;
  readonly victim: Victim;
  /** Error code that the node reported for the disk. */
  readonly code: string | null;
  readonly acknowledged: number;
  readonly found: number;
  /** Chromium deleted the origin's storage; its blocks do not count as lost. */
  readonly wiped: boolean;
  /** The browser ended by itself, because it had no space for its own files. */
  readonly died: boolean;
  readonly lost: number;
  readonly faults: readonly string[];
}

/** A profile on a small disk, which fills up while its tab mines. */
export class FullDiskRun {
  readonly #disk: SmallDisk;
  readonly #profile: Profile;
  readonly #examiner: Examiner;

  private constructor(disk: SmallDisk, profile: Profile, examiner: Examiner) {
    this.#disk = disk;
    this.#profile = profile;
    this.#examiner = examiner;
  }

  /** Null if mounting is not allowed. */
  static async open(base: BaseChain): Promise<FullDiskRun | null> {
    const disk = SmallDisk.mount(DISK_MEGABYTES);
    if (!disk) return null;
    try {
      const profile = await hosting(disk.folder, () => Profile.open(base, OWNER));
      return new FullDiskRun(disk, profile, await Examiner.of(base.feed.network));
    } catch (error) {
      disk.unmount();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#profile.close();
    this.#disk.unmount();
  }

  async round(rng: Prng): Promise<FullDiskRound> {
    const [disk, profile] = [this.#disk, this.#profile];
    const end = rng.pick<FullDiskEnd>(['freed', 'killed']);
    const victim = rng.pick<Victim>(['renderer', 'browser']);
    await profile.tab.page.evaluate(layWitness, WITNESS);
    await mining(profile);
    const { height } = await profile.tab.status();
    await waitUntil([profile.tab], 'some blocks on disk', ([s]) => s!.persisted.height > height + 2);
    disk.fill();
    const [refused] = await waitUntil([profile.tab], 'a refusal', ([s]) => (disk.fill(), s!.persisted.error !== null), REFUSAL_MS);
    await sleep(rng.int(MIN_FULL_MS, MAX_FULL_MS));
    let [faults, died]: [string[], boolean] = [[], false];
    try {
      faults = await this.#untilKill(end, victim, refused!.height);
    } catch (error) {
      if (!isGone(error)) throw error;
      died = true;
      disk.free();
      await profile.restart();
    }
    disk.free();
    await profile.openTab();
    const wiped = !(await profile.tab.page.evaluate(isThere, WITNESS));
    // Blocks that came back after the wipe were acknowledged again, and count.
    const owed = wiped && (end === 'killed' || died) ? null : profile.acknowledged;
    const after = await look(profile, this.#examiner, OWNER, owed, true);
    const { persisted } = refused!;
    const acknowledged = profile.acknowledged?.height ?? -1;
    return { end, victim, code: persisted.error, acknowledged, wiped, died, ...after, faults: [...faults, ...after.faults] };
  }

  async #untilKill(end: FullDiskEnd, victim: Victim, height: number): Promise<string[]> {
    const [disk, profile] = [this.#disk, this.#profile];
    const { tab } = profile;
    // Mining goes on in memory.
    const faults = await faultOf(waitUntil([tab], 'more blocks', ([s]) => s!.height > height));
    if (end === 'freed') {
      // All mined blocks reach the disk without a person's help.
      const mined = await tab.status();
      disk.free();
      const isSaved = ([s]: Status[]): boolean => s!.persisted.error === null && s!.persisted.height >= mined.height;
      faults.push(...(await faultOf(waitUntil([tab], 'recovery', isSaved, RECOVERY_MS))));
    }
    await profile.kill(victim);
    // A tab starts on a full disk, at least as a guest.
    if (end === 'killed' && victim === 'renderer') faults.push(...(await faultOf(profile.openTab())));
    return faults;
  }
}

const isGone = (error: unknown): boolean => String(error).includes('has been closed');

async function faultOf(work: Promise<unknown>): Promise<string[]> {
  try {
    await work;
    return [];
  } catch (error) {
    if (isGone(error)) throw error;
    return [String(error)];
  }
}

/** Runs in the page. */
async function layWitness(name: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const request = indexedDB.open(name);
    request.onsuccess = () => (request.result.close(), resolve());
    request.onerror = () => reject(request.error);
  });
}

/** Runs in the page. */
async function isThere(wanted: string): Promise<boolean> {
  return (await indexedDB.databases()).some(({ name }) => name === wanted);
}
