import type { RelationInfo } from '../../../api/api.ts';
import { enWorkbench, type WorkbenchTexts } from '../../i18n/en/workbench.ts';
import type { Language } from '../../i18n/languages.ts';
import { zhHantSchema } from '../../i18n/zh-Hant/schema.ts';
import { zhHantWorkbench } from '../../i18n/zh-Hant/workbench.ts';
import type { Relation } from './words.ts';

interface WorkbenchLanguage {
  readonly texts: WorkbenchTexts;
  /** Explanations by "table" and "table.column"; null where the English ones of `schema.sql` serve. */
  readonly schema: Readonly<Record<string, string>> | null;
}

/** The texts of the page of the database. They are no part of the language packs, because a first visit does not need them. */
const WORKBENCH: Readonly<Record<Language, WorkbenchLanguage>> = {
  en: { texts: enWorkbench, schema: null },
  'zh-Hant': { texts: zhHantWorkbench, schema: zhHantSchema },
};

export function textsOf(language: Language): WorkbenchTexts {
  return WORKBENCH[language].texts;
}

/** The schema with its explanations in `language`. */
export function schemaIn(language: Language, relations: readonly RelationInfo[]): Relation[] {
  const { schema } = WORKBENCH[language];
  const own = (key: string, english: string): string => (schema === null ? english : (schema[key] ?? english));
  return relations.map(({ name, kind, meaning, columns }) => ({
    name,
    kind,
    meaning: own(name, meaning),
    columns: columns.map((column) => ({ name: column.name, type: column.type, meaning: own(column.key, column.meaning) })),
  }));
}
