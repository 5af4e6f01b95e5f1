import type { LanguagePack } from '../language-pack.ts';
import { errorsEn } from './errors.ts';
import { en } from './messages.ts';

export const english: LanguagePack = {
  name: 'English',
  locale: 'en',
  relativeTimes: 'short',
  answers: /^en\b/i,
  messages: en,
  errors: errorsEn,
};
