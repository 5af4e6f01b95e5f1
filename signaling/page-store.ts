import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { lookup } from 'mrmime';

/** Content encodings, the most compact first. */
export type Encoding = 'br' | 'gzip' | 'identity';

/** Compressed forms that the build writes beside a file. */
const COMPRESSED = [
  { encoding: 'br', ending: '.br', decompress: brotliDecompressSync },
  { encoding: 'gzip', ending: '.gz', decompress: gunzipSync },
] as const;

export interface StoredFile {
  /** Hash of the uncompressed content, in quotes. */
  readonly etag: string;
  readonly type: string;
  readonly bodies: ReadonlyMap<Encoding, Buffer>;
}

/**
 * Reads every file of `folder` with its compressed forms. The keys are relative paths with slashes. The page is small. In memory it does not
 * depend on a disk that fills up, or on a build that replaces half of the files: every answer comes from one build, and a slow reader keeps
 * no file open.
 */
export function loadPage(folder: string): ReadonlyMap<string, StoredFile> {
  const contents = new Map<string, Buffer>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    contents.set(relative(folder, path).split(sep).join('/'), readFileSync(path));
  }
  const files = new Map<string, StoredFile>();
  for (const [path, content] of contents) {
    const compressedFrom = path.replace(/\.(br|gz)$/, '');
    if (compressedFrom === path || !contents.has(compressedFrom)) files.set(path, storedFile(path, content, contents));
  }
  return files;
}

function storedFile(path: string, content: Buffer, contents: ReadonlyMap<string, Buffer>): StoredFile {
  const bodies = new Map<Encoding, Buffer>();
  for (const { encoding, ending, decompress } of COMPRESSED) {
    const compressed = contents.get(path + ending);
    // A compressed file left behind by an earlier build has other contents.
    if (compressed !== undefined && compressed.length < content.length && holds(compressed, decompress, content)) {
      bodies.set(encoding, compressed);
    }
  }
  bodies.set('identity', content);
  const type = lookup(path) ?? 'application/octet-stream';
  return {
    etag: `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`,
    type: /^text\/|javascript|json|svg/.test(type) ? `${type}; charset=utf-8` : type,
    bodies,
  };
}

function holds(compressed: Buffer, decompress: (from: Buffer) => Buffer, content: Buffer): boolean {
  try {
    return decompress(compressed).equals(content);
  } catch {
    return false;
  }
}
