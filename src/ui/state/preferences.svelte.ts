import type { Fields } from '../../util/stored-record.ts';
import type { Language } from '../i18n/languages.ts';
import { preferencesIn } from './stored-preferences.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
/** Minutes without a person after which the key locks; 0 for never. */
export const LOCK_MINUTES = [0, 5, 15, 60] as const;
export type LockMinutes = (typeof LOCK_MINUTES)[number];

export type Theme = (typeof THEMES)[number];

export interface MiningChoice {
  threads: number;
  throttle: number;
  /** Search on the graphics card too, where the browser allows it. */
  gpu: boolean;
  easeOnBattery: boolean;
  easeWhenHidden: boolean;
}

/**
 * The mining choice in a stored value, with the default for each field that is missing or invalid.
 * @param threadLimit threads that this machine offers
 */
export function readMiningChoice(stored: unknown, threadLimit: number): MiningChoice {
  const { threads, throttle, gpu, easeOnBattery, easeWhenHidden } = (stored ?? {}) as Fields;
  return {
    threads: isWithin(threads, threadLimit) ? threads : Math.max(1, Math.floor(threadLimit / 2)),
    throttle: isWithin(throttle, 100) ? throttle : 100,
    gpu: gpu === true,
    easeOnBattery: easeOnBattery !== false,
    easeWhenHidden: easeWhenHidden === true,
  };
}

const isWithin = (value: unknown, most: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most;

/** The user's choices for this browser, in localStorage, never in the node. Where storage is forbidden, they last as long as the page. */
export class Preferences {
  /** Threads that this machine offers. */
  readonly threadLimit = Math.max(1, navigator.hardwareConcurrency || 1);
  readonly #record = preferencesIn(() => localStorage);
  #language: Language;
  #theme = $state<Theme>('system');
  #lockMinutes = $state<LockMinutes>(0);
  #mining: MiningChoice;
  #shortcuts = $state(true);
  #notices = $state(false);
  #firstSteps = $state(true);
  #sawDatabase = $state(false);

  /** @param language the language of the page's texts */
  constructor(language: Language) {
    const { theme, lockMinutes, mining, shortcuts, notices, firstSteps, sawDatabase } = this.#record.read();
    this.#language = $state(language);
    this.#theme = THEMES.find((each) => each === theme) ?? 'system';
    this.#mining = $state.raw(readMiningChoice(mining, this.threadLimit));
    this.#lockMinutes = LOCK_MINUTES.find((each) => each === lockMinutes) ?? 0;
    this.#shortcuts = shortcuts !== false;
    this.#notices = notices === true;
    this.#firstSteps = firstSteps !== false;
    this.#sawDatabase = sawDatabase === true;
    this.#show();
  }

  /** Whether the user was told that the page's own folder names no network. */
  knowsPath(folder: string): boolean {
    return this.#record.read()['knownPath'] === folder;
  }

  notePath(folder: string): void {
    this.#record.change({ knownPath: folder });
  }

  get language(): Language {
    return this.#language;
  }

  set language(language: Language) {
    this.#language = language;
    this.#record.change({ language });
    this.#show();
  }

  get theme(): Theme {
    return this.#theme;
  }

  set theme(theme: Theme) {
    this.#theme = theme;
    this.#record.change({ theme });
    this.#show();
  }

  get lockMinutes(): LockMinutes {
    return this.#lockMinutes;
  }

  set lockMinutes(lockMinutes: LockMinutes) {
    this.#lockMinutes = lockMinutes;
    this.#record.change({ lockMinutes });
  }

  get mining(): MiningChoice {
    return this.#mining;
  }

  set mining(choice: MiningChoice) {
    this.#mining = choice;
    this.#record.change({ mining: choice });
  }

  /** Whether single keys act on the page. */
  get shortcuts(): boolean {
    return this.#shortcuts;
  }

  set shortcuts(shortcuts: boolean) {
    this.#shortcuts = shortcuts;
    this.#record.change({ shortcuts });
  }

  /** Whether the system notifies of payments while nobody looks at the page; the browser may still refuse. */
  get notices(): boolean {
    return this.#notices;
  }

  set notices(notices: boolean) {
    this.#notices = notices;
    this.#record.change({ notices });
  }

  /** Whether the home page shows the first steps; false once they were skipped or done. */
  get firstSteps(): boolean {
    return this.#firstSteps;
  }

  set firstSteps(firstSteps: boolean) {
    this.#firstSteps = firstSteps;
    this.#record.change({ firstSteps });
  }

  /** Whether this person has ever opened the database page. */
  get sawDatabase(): boolean {
    return this.#sawDatabase;
  }

  noteDatabase(): void {
    if (this.#sawDatabase) return;
    this.#sawDatabase = true;
    this.#record.change({ sawDatabase: true });
  }

  #show(): void {
    const root = document.documentElement;
    root.lang = this.#language;
    if (this.#theme === 'system') delete root.dataset['theme'];
    else root.dataset['theme'] = this.#theme;
  }
}
