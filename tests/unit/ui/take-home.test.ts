import { unzipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { homeFileName, zipOf } from '../../../src/ui/features/lab/take-home.ts';

describe('the file for home', () => {
  const bytes = (length: number, seed: number): Uint8Array<ArrayBuffer> => Uint8Array.from({ length }, (_, i) => (i * seed) & 0xff);

  test('is a .zip that gives back every file, also empty and large ones', async () => {
    const given = [
      { name: 'a.txt', content: bytes(0, 1) },
      { name: 'anna.tabchain-key.pem', content: bytes(3_000, 7) },
      { name: '怎麼打開.txt', content: bytes(10, 3) },
      { name: 'tabchain-3b.sqlite', content: bytes(3 * 256 * 1024 + 17, 31) },
      { name: 'whole.bin', content: bytes(2 * 256 * 1024, 13) },
    ];
    const seen: number[] = [];
    const zip = await zipOf(
      given.map(({ name, content }) => ({ name, content: new Blob([content]) })),
      (fraction) => seen.push(fraction),
    );
    const files = unzipSync(new Uint8Array(await zip.arrayBuffer()));
    expect(Object.keys(files)).toEqual(given.map(({ name }) => name));
    for (const { name, content } of given) expect(Buffer.compare(files[name]!, content), name).toBe(0);
    expect(seen.at(-1)).toBe(1);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(zip.type).toBe('application/zip');
  });

  test('has the network and the account in its name', () => expect(homeFileName('class-3b', 'anna')).toBe('tabchain-class-3b-anna.zip'));
});
