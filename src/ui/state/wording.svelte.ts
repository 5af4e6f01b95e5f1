import { fetchPack, type Language } from '../i18n/languages.ts';
import type { LanguagePack } from '../i18n/language-pack.ts';
import { createFormats, type Formats } from '../kit/format.ts';
import type { Preferences } from './preferences.svelte.ts';

/** The texts and formats of the chosen language. */
export class Wording {
  pack: LanguagePack;
  readonly formats: Formats = $derived.by(() => createFormats(this.#preferences.language));
  readonly #preferences: Preferences;
  #asked: Language;

  /** @param pack the texts of the language that `preferences` have */
  constructor(preferences: Preferences, pack: LanguagePack) {
    this.#preferences = preferences;
    this.#asked = preferences.language;
    this.pack = $state.raw(pack);
  }

  /**
   * Shows the page in `language` once its texts are here; until then, and without them, the page keeps its language.
   * @throws TabchainError `language-unavailable`
   */
  async speak(language: Language): Promise<void> {
    this.#asked = language;
    const pack = await fetchPack(language);
    // Another language may have been chosen meanwhile.
    if (this.#asked === language) [this.pack, this.#preferences.language] = [pack, language];
  }
}
