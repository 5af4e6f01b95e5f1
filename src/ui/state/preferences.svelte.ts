import { isLanguage, languageFor, type Language } from '../i18n/languages.ts';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

export interface MiningChoice {
  threads: number;
  throttle: number;
  /** Search on the graphics card too, where the browser lends it out. */
  gpu: boolean;
  easeOnBattery: boolean;
  easeWhenHidden: boolean;
}

const KEYS = { language: 'tabchain.language', theme: 'tabchain.theme', mining: 'tabchain.mining', path: 'tabchain.path' } as const;

function remembered(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // storage is forbidden: preferences last as long as the page
  }
}

function remember(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // as above
  }
}

/**
 * What a stored text says of mining, and what holds where it says nothing that can be: other programs write there too.
 * @param threadLimit threads that this machine offers
 */
export function readMiningChoice(text: string | null, threadLimit: number): MiningChoice {
  const [threads, throttle, gpu, battery, hidden] = (text ?? '').split('/').map(Number);
  return {
    threads: isWithin(threads, threadLimit) ? threads : Math.max(1, Math.floor(threadLimit / 2)),
    throttle: isWithin(throttle, 100) ? throttle : 100,
    gpu: gpu === 1,
    easeOnBattery: battery !== 0,
    easeWhenHidden: hidden === 1,
  };
}

const isWithin = (value: number | undefined, most: number): value is number => Number.isInteger(value) && value! >= 1 && value! <= most;

/** What a person chose for this browser; kept in localStorage, never in the node. */
export class Preferences {
  /** Threads that this machine offers. */
  readonly threadLimit = Math.max(1, navigator.hardwareConcurrency || 1);
  #language = $state<Language>('en');
  #theme = $state<Theme>('system');
  #mining: MiningChoice;

  constructor() {
    const language = remembered(KEYS.language);
    this.#language = isLanguage(language) ? language : languageFor(navigator.language);
    this.#theme = THEMES.find((theme) => theme === remembered(KEYS.theme)) ?? 'system';
    this.#mining = $state.raw(readMiningChoice(remembered(KEYS.mining), this.threadLimit));
    this.#show();
  }

  /** Whether the person was told that the page's own folder names no network. */
  knowsPath(folder: string): boolean {
    return remembered(KEYS.path) === folder;
  }

  notePath(folder: string): void {
    remember(KEYS.path, folder);
  }

  get language(): Language {
    return this.#language;
  }

  set language(language: Language) {
    this.#language = language;
    remember(KEYS.language, language);
    this.#show();
  }

  get theme(): Theme {
    return this.#theme;
  }

  set theme(theme: Theme) {
    this.#theme = theme;
    remember(KEYS.theme, theme);
    this.#show();
  }

  get mining(): MiningChoice {
    return this.#mining;
  }

  set mining(choice: MiningChoice) {
    this.#mining = choice;
    remember(
      KEYS.mining,
      [choice.threads, choice.throttle, ...[choice.gpu, choice.easeOnBattery, choice.easeWhenHidden].map(Number)].join('/'),
    );
  }

  #show(): void {
    const root = document.documentElement;
    root.lang = this.#language;
    if (this.#theme === 'system') delete root.dataset['theme'];
    else root.dataset['theme'] = this.#theme;
  }
}
