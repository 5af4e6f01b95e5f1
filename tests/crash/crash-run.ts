import { look } from './aftermath.ts';
import type { BaseChain } from './base-chain.ts';
import { Examiner } from './examine.ts';
import { Neighbour } from './neighbour.ts';
import { PASSPHRASE, Profile, sleep, type Victim } from './profile.ts';
import { checkpoint, mining, OWNER, reorganising, syncing, type Prepared, type Situation } from './situations.ts';

export interface Round {
  readonly situation: Situation;
  readonly victim: Victim;
  /** Height that the node had reported to be on disk before the kill; -1 for none. */
  readonly acknowledged: number;
  /** Height found afterwards. */
  readonly found: number;
  /** Whether the kill came before the tab had finished; null if the situation has no end. */
  readonly midway: boolean | null;
  readonly lost: number;
  readonly faults: readonly string[];
}

/** One browser profile that is killed again and again while its tab is at work. */
export class CrashRun {
  readonly #profile: Profile;
  readonly #examiner: Examiner;
  #neighbour: Neighbour | null = null;
  #accounts = 0;
  /** The account that is catching up; null when none is. */
  #late: string | null = null;

  private constructor(profile: Profile, examiner: Examiner) {
    this.#profile = profile;
    this.#examiner = examiner;
  }

  static async open(base: BaseChain): Promise<CrashRun> {
    return new CrashRun(await Profile.open(base, OWNER), await Examiner.of(base.feed.network));
  }

  async close(): Promise<void> {
    await this.#neighbour?.close();
    await this.#profile.close();
  }

  /**
   * @param chance in [0, 1): when the kill comes
   * @param fully whether all blocks are executed again afterwards
   */
  async round(situation: Situation, victim: Victim, chance: number, fully = true): Promise<Round> {
    const { account, killMs, isMidway } = await this.#prepare(situation);
    await sleep(killMs[0] + chance * (killMs[1] - killMs[0]));
    const profile = this.#profile;
    await profile.kill(victim);
    const { acknowledged } = profile;
    await this.#neighbour?.disconnect();
    await profile.openTab();
    const { found, tip, lost, faults } = await look(profile, this.#examiner, account, acknowledged, fully);
    const midway = isMidway && isMidway({ height: found, tip });
    if (situation === 'checkpoint') await this.#forget();
    if (situation === 'syncing' && !midway) {
      await this.#forget();
      this.#late = null;
    }
    return { situation, victim, acknowledged: acknowledged?.height ?? -1, found, midway, lost, faults };
  }

  async #prepare(situation: Situation): Promise<Prepared> {
    const profile = this.#profile;
    if (situation === 'mining') return mining(profile);
    if (situation === 'checkpoint') return checkpoint(profile, `copy${++this.#accounts}`);
    const neighbour = (this.#neighbour ??= await this.#openNeighbour());
    if (situation === 'reorganising') return reorganising(profile, neighbour);
    const isNew = this.#late === null;
    this.#late ??= `late${++this.#accounts}`;
    return syncing(profile, neighbour, this.#late, isNew);
  }

  async #openNeighbour(): Promise<Neighbour> {
    await this.#profile.login(OWNER);
    return Neighbour.open(this.#profile.url, this.#profile.tab);
  }

  /** Deletes the open account to free its space. */
  async #forget(): Promise<void> {
    const { tab } = this.#profile;
    const { account } = await tab.status();
    await tab.call('forgetAccount', { address: account!.address, passphrase: PASSPHRASE });
  }
}
