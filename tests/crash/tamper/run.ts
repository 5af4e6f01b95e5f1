import initSqlJs, { type SqlJsStatic } from 'sql.js';
import type { Page } from 'playwright-core';
import type { TabchainApi } from '../../../src/api/api.ts';
import { databaseName } from '../../../src/storage/database-name.ts';
import { errorsEn } from '../../../src/ui/i18n/en/errors.ts';
import type { ErrorCode } from '../../../src/util/error-codes.ts';
import { waitUntil } from '../../browser/harness/wait.ts';
import { Prng } from '../../sim/engine/prng.ts';
import type { BaseChain } from '../base-chain.ts';
import { PASSPHRASE, Profile, sleep } from '../profile.ts';
import { OWNER } from '../situations.ts';
import { type Alteration, type Scene } from './alteration.ts';
import { chainDatabase, chainRecord, chainRecords, item, keyRecord, origin } from './records.ts';
import { rowOf } from './rows.ts';
import { readStored, writeStored } from './stored.ts';

/** Blocks on top of the base chain, so that there is a log. */
const BLOCKS = 3;
/** An opening that takes longer counts as a hang. */
const OPENING_MS = 30_000;
/** Longest time until the node reports what it has found. */
const TELLING_MS = 10_000;
/** A document of this origin without scripts, from which storage is written. */
const QUIET = 'icon.svg';

/** `told`: the page shows what is wrong; `same`: nothing differs; all others are failures. */
export type Verdict = 'told' | 'same' | 'hung' | 'key lost' | 'silent' | 'wrong word' | 'not mended';

export interface TamperRound extends Pick<Alteration, 'kind' | 'what'> {
  readonly verdict: Verdict;
  readonly codes: readonly ErrorCode[];
  /** Differences from the state before the alteration. */
  readonly differs: readonly string[];
  readonly ms: number;
}

/** The visible state of an account's tab. */
interface Look {
  readonly facts: Readonly<Record<string, string | number | null>>;
  readonly pem: string;
  readonly isMemoryOnly: boolean;
  readonly error: ErrorCode | null;
  readonly codes: readonly ErrorCode[];
  readonly text: string;
}

/** A profile whose storage is altered, opened and judged, each time starting from the same state. */
export class TamperRun {
  readonly #profile: Profile;
  readonly #sqlJs: SqlJsStatic;
  readonly #scene: Omit<Scene, 'rng'>;
  readonly #reference: Look;

  private constructor(profile: Profile, sqlJs: SqlJsStatic, scene: Omit<Scene, 'rng'>, reference: Look) {
    this.#profile = profile;
    this.#sqlJs = sqlJs;
    this.#scene = scene;
    this.#reference = reference;
  }

  static async open(base: BaseChain): Promise<TamperRun> {
    const profile = await Profile.open(base, OWNER);
    try {
      const { tab, url } = profile;
      await tab.page.addInitScript(PREPARATION);
      await tab.open(url);
      await profile.login(OWNER);
      const older = await quietly(tab.page, url, readStored);
      await tab.open(url);
      await profile.login(OWNER);
      await prosper(profile);
      const { account, networkId } = await tab.status();
      const newest = await quietly(tab.page, url, readStored);
      const scene = { newest, older, chain: databaseName(networkId, account!.address), keys: 'tabchain-keys' };
      const reference = await look(tab.page, url, (seen) => seen.codes.length > 0);
      if (!reference || reference.codes.length > 0) throw new Error(`The untouched storage is told to be ${reference?.codes.join()}.`);
      return new TamperRun(profile, await initSqlJs(), scene, reference);
    } catch (error) {
      await profile.close();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#profile.close();
  }

  /**
   * Makes one alteration, or several independent ones, and opens the page.
   * @param seed of this round; the same seed gives the same alterations on a chain of the same shape
   * @returns the result of each
   */
  async round(seed: string): Promise<TamperRound[]> {
    const [main, ...others] = await this.#alterations({ ...this.#scene, rng: new Prng(`tamper ${seed}`) });
    const { page } = this.#profile.tab;
    const { url } = this.#profile;
    await quietly(page, url, writeStored, (others.at(-1) ?? main!).stored);
    const before = Date.now();
    const seen = await look(page, url, (now) => this.#isSettled(main!, now));
    const rest = { codes: seen?.codes ?? [], differs: seen ? this.#differences(seen) : [], ms: Date.now() - before };
    const isKept = seen?.pem === this.#reference.pem;
    const ofOthers = others.map(({ kind, what }) => ({ ...rest, kind, what, verdict: isKept ? 'same' : 'key lost' }) as const);
    return [{ ...rest, kind: main!.kind, what: main!.what, verdict: seen === null ? 'hung' : this.#judge(main!, seen) }, ...ofOthers];
  }

  /** The first alteration decides what the page must report. Each is made on top of the one before. */
  async #alterations(scene: Scene): Promise<Alteration[]> {
    const { rng } = scene;
    const die = rng.int(0, 99);
    if (die < 12) return [keyRecord(scene)];
    if (die < 24) return [item(scene)];
    if (die < 32) return [origin(scene)];
    const main = await this.#ofChain(scene);
    const key = keyRecord({ ...scene, newest: main.stored });
    return [main, key, item({ ...scene, newest: key.stored }, true)];
  }

  async #ofChain(scene: Scene): Promise<Alteration> {
    const die = scene.rng.int(0, 99);
    if (die < 40) return chainRecord(scene);
    if (die < 50) return chainRecords(scene);
    if (die < 65) return chainDatabase(scene);
    return rowOf(this.#sqlJs, scene);
  }

  #differences(seen: Look): string[] {
    const { facts } = this.#reference;
    return Object.keys(facts).flatMap((key) =>
      seen.facts[key] === facts[key] ? [] : [`${key} ${seen.facts[key]} instead of ${facts[key]}`],
    );
  }

  /** Whether the page shows the text of a code that names the damage. */
  #isTold({ codes }: Alteration, seen: Look): boolean {
    return codes.some((code) => seen.codes.includes(code) && seen.text.includes(squeezed(errorsEn[code]({}))));
  }

  #isSettled(alteration: Alteration, seen: Look): boolean {
    return this.#isTold(alteration, seen) ? this.#isMended(seen) : !alteration.mustTell && this.#differences(seen).length === 0;
  }

  /** Whether damage is repaired on disk. A database that must not be overwritten instead has an error for as long as the page is open. */
  #isMended({ codes, isMemoryOnly, error }: Look): boolean {
    return codes.includes('storage-damaged') || codes.includes('storage-rolled-back')
      ? !isMemoryOnly && error === null
      : error !== null || !isMemoryOnly;
  }

  #judge(alteration: Alteration, seen: Look): Verdict {
    if (seen.pem !== this.#reference.pem) return 'key lost';
    if (this.#isTold(alteration, seen)) return this.#isMended(seen) ? 'told' : 'not mended';
    if (seen.codes.length > 0) return 'wrong word';
    return !alteration.mustTell && this.#differences(seen).length === 0 ? 'same' : 'silent';
  }
}

const squeezed = (text: string): string => text.replace(/\s+/g, ' ');

/** Makes some blocks, a confirmed payment with a memo, and a waiting payment. */
async function prosper(profile: Profile): Promise<void> {
  const { tab } = profile;
  const { height, account } = await tab.status();
  await tab.call('mine', true, { threads: 1 });
  await waitUntil([tab], 'coins', ([s]) => s!.height >= height + BLOCKS && Number(s!.spendable) > 1);
  const { txid } = await tab.call('transfer', { to: account!.address, amount: '0.2', memo: 'for lunch' });
  for (;;) {
    if ((await tab.call('transaction', txid))?.status === 'confirmed') break;
    await sleep(50);
  }
  await tab.call('mine', false);
  await tab.call('transfer', { to: account!.address, amount: '0.1', memo: 'waits' });
  await waitUntil([tab], 'all on disk', ([s]) => s!.persisted.tip === s!.tip);
}

/** Runs in every page: a helper that the test compiler needs, and a listener for problems from the first moment on. */
const PREPARATION = `
  globalThis.__name = (work) => work;
  globalThis.codes = [];
  {
    const define = Object.defineProperty;
    Object.defineProperty = function (target, name, description) {
      const result = define(target, name, description);
      if (target === window && name === 'tabchain') {
        Object.defineProperty = define;
        description.value.subscribe((event) => event.type === 'problem' && codes.push(event.code));
      }
      return result;
    };
  }`;

/** Runs `work` in a page of the origin that does not use its storage. */
async function quietly<R, A>(page: Page, url: string, work: (argument: A) => Promise<R>, argument?: A): Promise<R> {
  await page.goto(new URL(QUIET, url).href);
  return page.evaluate(work as never, argument as never) as Promise<R>;
}

/**
 * Opens the page and inspects it until the state has settled or time is up. Logs in if the tab has forgotten its account.
 * @returns null if opening hangs
 */
async function look(page: Page, url: string, isSettled: (seen: Look) => boolean): Promise<Look | null> {
  await page.goto(url);
  const deadlineMs = Date.now() + TELLING_MS;
  for (;;) {
    const seen = await Promise.race([
      page.evaluate(lookInPage, { name: OWNER, passphrase: PASSPHRASE }),
      sleep(OPENING_MS).then(() => null),
    ]);
    if (seen === null) return null;
    const squeezedText = { ...seen, text: squeezed(seen.text) };
    if (isSettled(squeezedText) || Date.now() > deadlineMs) return squeezedText;
    await sleep(50);
  }
}

interface NodePage {
  tabchain: TabchainApi;
  codes: ErrorCode[];
}

/** Runs in the page. */
async function lookInPage({ name, passphrase }: { name: string; passphrase: string }): Promise<Look> {
  const { tabchain, codes } = globalThis as unknown as NodePage;
  let status = await tabchain.ready();
  let pem = 'none';
  try {
    if (!status.account) {
      const accounts = await tabchain.accounts();
      const account = accounts.find((each) => each.name === name) ?? accounts[0];
      if (account) await tabchain.login({ address: account.address, passphrase });
      status = await tabchain.status();
    }
    pem = await tabchain.keyFile();
  } catch (error) {
    pem = String(error);
  }
  const history = status.account ? await tabchain.history({ limit: 20 }) : [];
  const facts = {
    height: status.height,
    tip: status.tip,
    balance: status.balance,
    spendable: status.spendable,
    name: status.account?.name ?? null,
    registration: status.account?.registration ?? null,
    waiting: status.mempool.count,
    history: history.map(({ txid, status: state, memo, change }) => [txid.slice(0, 8), state, memo, change].join(' ')).join('; '),
  };
  const { memoryOnly, error } = status.persisted;
  return { facts, pem, isMemoryOnly: memoryOnly, error, codes: [...new Set(codes)], text: document.body.innerText };
}
