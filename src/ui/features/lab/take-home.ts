/** One file with everything that a student takes home. */

/** A part of the file. */
export interface HomeFile {
  readonly name: string;
  readonly content: Blob;
}

/** Bytes that are compressed between two looks at the screen. */
const PIECE_BYTES = 256 * 1024;

/**
 * A .zip of the files. Compresses, because some programs cannot open a file without compression that was written piece by piece.
 * @param onProgress called with 0 to 1
 */
export async function zipOf(files: readonly HomeFile[], onProgress: (fraction: number) => void = () => undefined): Promise<Blob> {
  // Only this button needs the compressor.
  const { Zip, ZipDeflate } = await import('fflate');
  const parts: Blob[] = [];
  const all = Math.max(
    1,
    files.reduce((sum, { content }) => sum + content.size, 0),
  );
  let done = 0;
  let failure: Error | null = null;
  const zip = new Zip((error, bytes) => {
    if (error) failure = error;
    else parts.push(new Blob([new Uint8Array(bytes)]));
  });
  for (const { name, content } of files) {
    const entry = new ZipDeflate(name, { level: 1 });
    zip.add(entry);
    for (let at = 0; at === 0 || at < content.size; at += PIECE_BYTES) {
      const piece = content.slice(at, at + PIECE_BYTES);
      entry.push(new Uint8Array(await piece.arrayBuffer()), at + PIECE_BYTES >= content.size);
      done += piece.size;
      onProgress(done / all);
    }
  }
  zip.end();
  if (failure !== null) throw failure;
  return new Blob(parts, { type: 'application/zip' });
}

/** The name of the file for home, from the network's label and the account's name. */
export function homeFileName(label: string, name: string): string {
  return `tabchain-${label}-${name}.zip`;
}
