import type { Status } from '../../src/api/api.ts';
import { waitUntil } from '../browser/harness/wait.ts';
import type { Prng } from '../sim/engine/prng.ts';
import { look } from './aftermath.ts';
import type { BaseChain } from './base-chain.ts';
import { Examiner } from './examine.ts';
import { Profile, sleep, type Victim } from './profile.ts';
import { mining, OWNER } from './situations.ts';
import { hosting, SmallDisk } from './small-disk.ts';

/** Room for a profile of Chromium with its caches, what the node writes to be sure, and ballast. */
const DISK_MEGABYTES = 192;

/** The disk stays full for so long after the first refusal; the node's retries become rarer meanwhile. */
const MIN_FULL_MS = 500;
const MAX_FULL_MS = 6_000;

/** The node asks again within a minute at the latest. */
const RECOVERY_MS = 90_000;
const REFUSAL_MS = 60_000;

/** A database of the harness: where it is gone, the browser has thrown away all that the origin had. */
const WITNESS = 'witness';

/** `freed`: there is room again, the tab recovers, and is killed then; `killed`: while there is none. */
export type FullDiskEnd = 'freed' | 'killed';

export interface FullDiskRound {
  readonly end: FullDiskEnd;
  readonly victim: Victim;
  /** What the node said was wrong with the disk. */
  readonly code: string | null;
  readonly acknowledged: number;
  readonly found: number;
  /** The browser threw away the storage of the origin, as Chromium does; what it held is not counted as lost. */
  readonly wiped: boolean;
  /** The browser ended by itself, for want of room for files of its own. */
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

  /** Null where mounting is not allowed. */
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
    // What came back after the wipe was acknowledged again, and counts.
    const owed = wiped && (end === 'killed' || died) ? null : profile.acknowledged;
    const after = await look(profile, this.#examiner, OWNER, owed, true);
    const { persisted } = refused!;
    const acknowledged = profile.acknowledged?.height ?? -1;
    return { end, victim, code: persisted.error, acknowledged, wiped, died, ...after, faults: [...faults, ...after.faults] };
  }

  async #untilKill(end: FullDiskEnd, victim: Victim, height: number): Promise<string[]> {
    const [disk, profile] = [this.#disk, this.#profile];
    const { tab } = profile;
    // Mining goes on, in memory.
    const faults = await faultOf(waitUntil([tab], 'more blocks', ([s]) => s!.height > height));
    if (end === 'freed') {
      // All that was mined reaches the disk without anybody's help.
      const mined = await tab.status();
      disk.free();
      const isSaved = ([s]: Status[]): boolean => s!.persisted.error === null && s!.persisted.height >= mined.height;
      faults.push(...(await faultOf(waitUntil([tab], 'recovery', isSaved, RECOVERY_MS))));
    }
    await profile.kill(victim);
    // A tab on the full disk starts, if only as a guest.
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
