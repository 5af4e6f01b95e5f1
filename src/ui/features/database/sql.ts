/** Marks that input methods and word processors type in place of SQL's. Full-width letters and digits are converted by NFKC. */
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

/** Marks that open a text or a name, and the marks that may close it. */
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

/** Texts, names and comments, whose content stays as typed. Without a closing mark they reach to the end. */
const QUOTED = /'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|`(?:[^`]|``)*(?:`|$)|\[[^\]]*(?:\]|$)|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y;

/** The statement with spaces in place of texts, quoted names and comments. */
export function withoutQuoted(sql: string): string {
  return sql.replace(new RegExp(QUOTED.source, 'g'), (quoted) => ' '.repeat(quoted.length));
}

/** Whether the position `at` is inside a text, a quoted name or a comment. */
export function isQuoted(sql: string, at: number): boolean {
  for (let from = 0; from < at;) {
    QUOTED.lastIndex = from;
    const quoted = QUOTED.exec(sql)?.[0];
    from += quoted?.length ?? 1;
    // A text that has been closed ends before the position behind it; a text without a closing mark has no end.
    if (quoted && (from > at || (from === sql.length && !isClosed(quoted)))) return true;
  }
  return false;
}

export interface MendedSql {
  sql: string;
  /** Each replaced character once, in order, with its replacement. */
  replaced: readonly (readonly [given: string, plain: string])[];
}

/** Replaces marks that an input method typed by SQL's own marks; texts, quoted names and comments stay as they are. */
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
    // A quotation mark without a closing mark stays, because the end of its text is unknown.
    const plain = curly ? character : plainMark(character);
    if (plain !== character) replaced.set(character, plain);
    mended += plain;
    at++;
  }
  return { sql: mended, replaced: [...replaced] };
}

/** Whether a quoted piece has its closing mark. A comment up to the end of its line goes on while somebody types there. */
function isClosed(quoted: string): boolean {
  if (quoted.startsWith('--')) return false;
  if (quoted.startsWith('/*')) return quoted.length > 3 && quoted.endsWith('*/');
  const close = quoted[0] === '[' ? ']' : quoted[0]!;
  return quoted.length > 1 && quoted.endsWith(close);
}

function closing(sql: string, from: number, marks: string): number {
  for (let at = from; at < sql.length; at++) if (marks.includes(sql[at]!)) return at;
  return -1;
}

/** U+FF01 to U+FF5E are ASCII at full width. */
function plainMark(character: string): string {
  return MARKS[character] ?? (/[\uff01-\uff5e]/.test(character) ? character.normalize('NFKC') : character);
}
