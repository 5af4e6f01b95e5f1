/** What input methods and word processors type in place of SQL's marks. Letters and digits of full width go by NFKC. */
const MARKS: Readonly<Record<string, string>> = {
  '、': ',',
  '。': '.',
  '　': ' ',
  '\u00a0': ' ',
  '—': '-',
  '–': '-',
  '−': '-',
  '×': '*',
  '÷': '/',
  '≠': '<>',
  '≤': '<=',
  '≥': '>=',
};

/** Marks that open a text or a name, and those that may close it. */
const CURLY: Readonly<Record<string, { close: string; plain: string }>> = {
  '‘': { close: '’‘＇', plain: "'" },
  '’': { close: '’‘＇', plain: "'" },
  '＇': { close: '＇’‘', plain: "'" },
  '“': { close: '”“＂', plain: '"' },
  '”': { close: '”“＂', plain: '"' },
  '＂': { close: '＂”“', plain: '"' },
  '「': { close: '」', plain: "'" },
  '『': { close: '』', plain: "'" },
};

/** Texts, names and comments, whose content is nobody's business; an open one reaches to the end. */
const QUOTED = /'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|`(?:[^`]|``)*(?:`|$)|\[[^\]]*(?:\]|$)|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y;

export interface MendedSql {
  sql: string;
  /** The characters that were replaced, each once, in their order, with what stands there now. */
  replaced: readonly (readonly [given: string, plain: string])[];
}

/** Puts SQL's own marks where an input method typed others; texts, names in quotes and comments stay as they are. */
export function mendSql(sql: string): MendedSql {
  const replaced = new Map<string, string>();
  let mended = '';
  for (let at = 0; at < sql.length;) {
    QUOTED.lastIndex = at;
    const quoted = QUOTED.exec(sql);
    if (quoted) {
      mended += quoted[0];
      at += quoted[0].length;
      continue;
    }
    const character = sql[at]!;
    const curly = CURLY[character];
    const end = curly ? closing(sql, at + 1, curly.close) : -1;
    if (curly && end > at) {
      const { plain } = curly;
      mended += plain + sql.slice(at + 1, end).replaceAll(plain, plain + plain) + plain;
      replaced.set(character, plain).set(sql[end]!, plain);
      at = end + 1;
      continue;
    }
    // An open quotation mark has no end that anybody knows.
    const plain = curly ? character : plainMark(character);
    if (plain !== character) replaced.set(character, plain);
    mended += plain;
    at++;
  }
  return { sql: mended, replaced: [...replaced] };
}

function closing(sql: string, from: number, marks: string): number {
  for (let at = from; at < sql.length; at++) if (marks.includes(sql[at]!)) return at;
  return -1;
}

/** U+FF01 to U+FF5E are ASCII at full width. */
function plainMark(character: string): string {
  return MARKS[character] ?? (/[\uff01-\uff5e]/.test(character) ? character.normalize('NFKC') : character);
}
