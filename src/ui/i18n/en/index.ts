import type { LanguagePack } from '../language-pack.ts';
import { errorsEn } from './errors.ts';
import { en } from './messages.ts';
import { enWorkbench } from './workbench.ts';

export const english: LanguagePack = { messages: en, errors: errorsEn, workbench: enWorkbench, schema: null };
