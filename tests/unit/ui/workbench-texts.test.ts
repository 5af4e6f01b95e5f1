import { describe, expect, it } from 'vitest';
import { describeSchema, ownRelations } from '../../../src/storage/sql/describe-schema.ts';
import { enWorkbench } from '../../../src/ui/i18n/en/workbench.ts';
import { fetchPack, LANGUAGES } from '../../../src/ui/i18n/languages.ts';
import { QUESTIONS } from '../../../src/ui/features/database/questions.ts';
import { schemaIn } from '../../../src/ui/features/database/words.ts';
import { loadSqlJs, openNode } from '../chain/support.ts';
import { testNetwork } from '../../scenarios/support/builders.ts';

describe('the texts of the workbench', () => {
  it('name and explain every question, in one or two sentences', () => {
    for (const { key } of QUESTIONS) {
      const { title, lesson } = enWorkbench.notebook.questions[key];
      expect([title.endsWith('?'), lesson.split(/[.:!] (?=[A-Z%])/).length <= 3], key).toEqual([true, true]);
    }
    expect(Object.keys(enWorkbench.notebook.questions).sort()).toEqual(QUESTIONS.map(({ key }) => key).sort());
  });
});

describe('the explanations of the schema', () => {
  it('are of all tables, views and columns that a database has', async () => {
    const { store } = await openNode(await loadSqlJs(), testNetwork());
    const rows = store.sql.all(`SELECT m.type, m.name, group_concat(c.name) FROM sqlite_master AS m JOIN pragma_table_info(m.name) AS c
      WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite_%' GROUP BY m.name ORDER BY m.name`);
    const described = ownRelations().map(({ name, kind, columns }) => [kind, name, columns.map((column) => column.name).join()]);
    expect(described.sort(([, a], [, b]) => (a! < b! ? -1 : 1))).toEqual(rows);
  });

  it('say something about each', () => {
    for (const { name, meaning, columns } of ownRelations()) {
      expect(meaning, name).toMatch(/^[A-Z].+\.$/);
      for (const column of columns) expect(column.meaning, `${name}.${column.name}`).toMatch(/^(?!as in )[\w'].{2,}/);
    }
  });

  it('follow "as in", and a view without comments, to the column that is meant', () => {
    const [, view] = describeSchema(
      `-- First.\nCREATE TABLE a (\n  x INTEGER, -- a number\n  y TEXT CHECK (length(y) IN (1, 2)) -- one, or two\n);\n\n-- Second.\nCREATE VIEW b AS\nSELECT x, y AS other\nFROM a;`,
    );
    expect(view!.columns).toEqual([
      { name: 'x', type: '', meaning: 'a number', key: 'a.x' },
      { name: 'other', type: '', meaning: '', key: 'b.other' },
    ]);
  });

  it('are all translated, and nothing else is', async () => {
    const keys = ownRelations().flatMap(({ name, columns }) => [name, ...columns.map(({ key }) => key)]);
    for (const language of LANGUAGES) {
      const { schema } = await fetchPack(language);
      if (schema === null) continue;
      expect(Object.keys(schema).sort(), language).toEqual([...new Set(keys)].sort());
    }
    const chinese = schemaIn((await fetchPack('zh-Hant')).schema, ownRelations());
    expect(chinese.find(({ name }) => name === 'transfers')!.columns[0]).toEqual({
      name: 'height',
      type: '',
      meaning: '交易所在的區塊高度',
    });
    expect(schemaIn(null, ownRelations())[1]!.columns[3]!.meaning).toBe('smallest units');
  });
});
