import type { LanguagePack } from '../language-pack.ts';
import { errorsJa } from './errors.ts';
import { ja } from './messages.ts';
import { jaSchema } from './schema.ts';
import { jaWorkbench } from './workbench.ts';

export const japanese: LanguagePack = { messages: ja, errors: errorsJa, workbench: jaWorkbench, schema: jaSchema };
