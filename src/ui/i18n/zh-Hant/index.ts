import type { LanguagePack } from '../language-pack.ts';
import { errorsZhHant } from './errors.ts';
import { zhHant } from './messages.ts';

export const traditionalChinese: LanguagePack = {
  name: '繁體中文',
  locale: 'zh-TW',
  relativeTimes: 'long',
  // Readers of Simplified Chinese read this more easily than English.
  answers: /^zh\b/i,
  messages: zhHant,
  errors: errorsZhHant,
};
