import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ownRelations } from '../../../../src/storage/sql/describe-schema.ts';
import { explainedBy, foreignSchema } from '../../../../src/ui/features/database/foreign-schema.ts';
import { explanationAt, schemaIn, wordsAt } from '../../../../src/ui/features/database/words.ts';

const schema = schemaIn(null, ownRelations());

/** The words for the place of "|". */
function words(text: string): string[] | null {
  const at = text.indexOf('|');
  return wordsAt(schema, text.replace('|', ''), at)?.words.map((word) => word.text) ?? null;
}

function meaning(text: string): string | null {
  const at = text.indexOf('|');
  return explanationAt(schema, text.replace('|', ''), at)?.title ?? null;
}

describe('suggestions', () => {
  it('are the columns of the named tables first, then the tables', () => {
    const found = words('SELECT bal| FROM accounts')!;
    expect([found.includes('balance'), found.includes('transaction_count'), found.includes('blocks')]).toEqual([true, false, true]);
    expect(words('SELECT |')).toEqual(expect.arrayContaining(['balance', 'sender_name', 'transfers', 'DISTINCT', 'count']));
    expect(words('SELECT a.| FROM accounts AS a')).not.toContain('DISTINCT');
  });

  it('follow the other name of a table', () => {
    expect(words('SELECT b.| FROM blocks AS b')).toContain('chain_work');
    expect(words('SELECT a.na| FROM blocks b JOIN accounts a ON a.id = b.miner')).toContain('registered_height');
    expect(words('SELECT accounts.|')).toContain('registered_height');
    expect(words('SELECT where.| FROM blocks WHERE height = 1')).toBeNull();
    expect(words('SELECT x.| FROM blocks')).toBeNull();
  });

  it('are none in texts and comments', () => {
    expect([words("SELECT 'ac|"), words('-- ac|'), words('SELECT "ac|" FROM accounts')]).toEqual([null, null, null]);
    expect(words("SELECT 'accounts', hei| FROM blocks")).not.toContain('balance');
  });

  it('begin where the word begins, for any text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), fc.nat(60), (text, given) => {
        const at = Math.min(given, text.length);
        const found = wordsAt(schema, text, at);
        if (found) expect(text.slice(found.from, at)).toMatch(/^\w*$/);
        explanationAt(schema, text, at);
      }),
    );
  });
});

describe('explanations', () => {
  it('are of the word under the pointer, in the table that is meant', () => {
    expect(meaning('SELECT bal|ance FROM accounts')).toBe('accounts.balance');
    expect(meaning('SELECT b.n|once FROM accounts AS a JOIN blocks AS b')).toBe('blocks.nonce');
    expect(meaning('SELECT 1 FROM led|ger')).toBe('ledger');
    expect([meaning("SELECT 'bal|ance'"), meaning('SEL|ECT 1'), meaning('|')]).toEqual([null, null, null]);
  });
});

describe('the schema of somebody else’s file', () => {
  it('is listed even where SQLite refuses a view, and takes the explanations of tables of the same names', async () => {
    const asked: string[] = [];
    const found = await foreignSchema((_sql, params) => {
      asked.push(params?.[0] ?? '');
      if (params === undefined)
        return Promise.resolve({
          rows: [
            ['accounts', 'table'],
            ['broken', 'view'],
          ],
        });
      if (params[0] === 'broken') return Promise.reject(new Error('no such table: gone'));
      return Promise.resolve({
        rows: [
          ['balance', 'INTEGER'],
          ['odd', null],
        ],
      });
    });
    expect(asked).toEqual(['', 'accounts', 'broken']);
    expect(explainedBy(found, schema)).toEqual([
      {
        name: 'accounts',
        kind: 'table',
        meaning: schema.find(({ name }) => name === 'accounts')!.meaning,
        columns: [
          { name: 'balance', type: 'INTEGER', meaning: 'smallest units' },
          { name: 'odd', type: '', meaning: '' },
        ],
      },
      { name: 'broken', kind: 'view', meaning: '', columns: [] },
    ]);
  });
});
