/** What the page reads of its preferences before the interface and its framework are here. */
import { StoredRecord, type Fields, type StoragePlace } from '../../util/stored-record.ts';
import { isLanguage, languageFor, type Language } from '../i18n/languages.ts';

/** The record of preferences in `place`. Takes over the separate keys that earlier versions used for each preference. */
export function preferencesIn(place: StoragePlace): StoredRecord {
  return new StoredRecord(place, 'tabchain.preferences', {
    keys: ['tabchain.language', 'tabchain.theme', 'tabchain.mining', 'tabchain.path'],
    fieldsOf: ([language, theme, mining, knownPath]) => ({ language, theme, mining: miningBefore(mining ?? ''), knownPath }),
  });
}

/** "threads/throttle/gpu/easeOnBattery/easeWhenHidden", the last three as 0 or 1. */
function miningBefore(text: string): Fields {
  const [threads, throttle, gpu, battery, hidden] = text.split('/').map(Number);
  return { threads, throttle, gpu: gpu === 1, easeOnBattery: battery !== 0, easeWhenHidden: hidden === 1 };
}

/** The language that this browser's person chose, or prefers. */
export function preferredLanguage(): Language {
  const { language } = preferencesIn(() => localStorage).read();
  return isLanguage(language) ? language : languageFor(navigator.language);
}
