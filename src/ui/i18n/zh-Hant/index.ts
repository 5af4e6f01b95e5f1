import type { LanguagePack } from '../language-pack.ts';
import { errorsZhHant } from './errors.ts';
import { zhHant } from './messages.ts';
import { zhHantSchema } from './schema.ts';
import { zhHantWorkbench } from './workbench.ts';

export const traditionalChinese: LanguagePack = {
  messages: zhHant,
  errors: errorsZhHant,
  workbench: zhHantWorkbench,
  schema: zhHantSchema,
};
