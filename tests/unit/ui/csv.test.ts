import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toCsv } from '../../../src/ui/kit/csv.ts';

/** Reads RFC 4180 back. */
function parse(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (quoted) {
      if (c === '"' && text[i + 1] === '"') cell += text[++i]!;
      else if (c === '"') quoted = false;
      else cell += c;
    } else if (c === '"') quoted = true;
    else if (c === ',') {
      row.push(cell);
      cell = '';
    } else if (c === '\r' && text[i + 1] === '\n') {
      rows.push([...row, cell]);
      row = [];
      cell = '';
      i++;
    } else cell += c;
  }
  return rows;
}

describe('toCsv', () => {
  it('quotes every text, and escapes quotes in it', () => {
    expect(toCsv(['a', 'b'], [['x,y', 'say "hi"\nthere']])).toBe('"a","b"\r\n"x,y","say ""hi""\nthere"\r\n');
    expect(toCsv(['a'], [['hi']])).toBe('"a"\r\n"hi"\r\n');
  });

  it('leaves numbers alone and null empty', () => {
    expect(toCsv(['a'], [['-12.51'], ['+80'], [5], [-5], [null]])).toBe('"a"\r\n-12.51\r\n+80\r\n5\r\n-5\r\n\r\n');
  });

  it.each(['=1+1', '+cmd', '-2+3', '@SUM(A1)', '\tx', '=HYPERLINK("http://x")'])('disarms the formula %s', (text) => {
    const [, row] = parse(toCsv(['a'], [[text]]));
    expect(row?.[0]).toBe(`'${text}`);
  });

  it.each([
    ['hi;=HYPERLINK("http://x","y")', `hi;'=HYPERLINK("http://x","y")`],
    ['hi,=1+1', "hi,'=1+1"],
    ['hi\t@SUM(A1)', "hi\t'@SUM(A1)"],
    ['hi\n=1+1', "hi\n'=1+1"],
    ['hi\r\n+1', "hi\r\n'+1"],
    ['\n=1+1', "'\n'=1+1"],
    ['＝1+1', "'＝1+1"],
    ['hi；＝1', 'hi；＝1'],
    ['hi;＠x', "hi;'＠x"],
    ['","=1+1', `",'"=1+1`],
    [' =1+1', "' =1+1"],
    ['a = b + c, really', 'a = b + c, really'],
  ])('disarms text that becomes a formula with another separator: %j', (text, safe) => {
    expect(parse(toCsv(['a'], [[text]]))[1]).toEqual([safe]);
  });

  it('disarms column names too, which a query may choose', () => {
    expect(toCsv(['=1+1'], [])).toBe('"\'=1+1"\r\n');
  });

  it('no cell of any table starts a formula, and all text is read back', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.string(), { minLength: 2, maxLength: 2 })), (table) => {
        const back = parse(toCsv(['a', 'b'], table)).slice(1);
        expect(back.map((cells) => cells.length)).toEqual(table.map(() => 2));
        back.flat().forEach((cell, i) => {
          expect(/^[=+\-@\t\r]/.test(cell) && !/^[+-]?\d+(\.\d+)?$/.test(cell)).toBe(false);
          expect(cell.split(/[;,\t\r\n]/).some((part) => /^ *[=+\-@＝＋－＠]/.test(part) && !/^[+-]?\d+(\.\d+)?$/.test(cell))).toBe(false);
          expect(cell.replaceAll("'", '')).toBe(table.flat()[i]!.replaceAll("'", ''));
        });
      }),
    );
  });
});
