import { LINK_KEYS, proposedLabel } from './network.ts';

/** Keys of a fragment that mean something: those of the network, its signaling servers, and the route of the page. */
const KNOWN_KEYS: readonly string[] = ['net', ...LINK_KEYS, 'signal', 'at'];
/** The element that the page's own "skip" link points at, so never the label of a network. */
const PAGE_ANCHOR = 'content';
/** Marks that chat programs and hands put around a link. */
const AROUND = /^["'“”‘’「『《（(<[\s]+|["'“”‘’」』》）)>\].,;:。，、；：\s]+$/g;
const INVISIBLE = /[\u200b-\u200f\u2060\ufeff\u00ad]/g;
const DASHES = /[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]/g;
/** Letters that two keys may differ in and still be taken for each other. */
const NEAR_KEY_EDITS = 2;

/** What became of a link that is not written as PROTOCOL.md says. */
export interface LinkNote {
  /**
   * `repaired`: the whole link was read as `meant`. `ignored`: this key does nothing; `meant` is a key that it looks like, or null.
   * `path`: the address ends with what may be a label, or only the folder of the page; `meant` is the fragment of that network.
   */
  readonly kind: 'repaired' | 'ignored' | 'path';
  readonly given: string;
  readonly meant: string | null;
}

export interface TidyLink {
  /** The fragment to use, "#" included; exactly the given one where there was nothing to repair. */
  readonly hash: string;
  /** The query string without the keys that were moved into the fragment. */
  readonly search: string;
  readonly notes: readonly LinkNote[];
}

interface Part {
  /** Empty for a word without "=". */
  readonly key: string;
  readonly value: string;
  /** As it stands in the fragment. */
  readonly raw: string;
}

/**
 * Reads a link as its writer meant it: keys in the wrong case, escapes of HTML and of addresses, full-width characters, a query string in
 * place of a fragment, a bare label. A link that is written properly stays as it is, and so does its network. Never throws.
 */
export function tidyLink({ search, hash }: { search: string; hash: string }): TidyLink {
  const written = partsOf(hash);
  const asked = partsOf(search.replace(/^\?/, ''));
  const isMoved = asked.some(({ key }) => key.toLowerCase() === 'net')
    ? (part: Part) => knownKey(part.key) !== null
    : // Alone, "?t=1" is what defeats caches; it must not become a block time.
      (part: Part) => KNOWN_KEYS.includes(part.key);
  const moved = asked.filter(isMoved);
  const { raws, ignored } = tidyParts([...written, ...moved.filter(({ key }) => !written.some((part) => part.key === key))]);
  const tidy = `#${raws.join('&')}`;
  const notes: LinkNote[] = ignored.map((key) => ({ kind: 'ignored', given: key, meant: nearestKey(key) }));
  const plain = `#${hash.slice(1).split('&').filter(Boolean).join('&')}`;
  if (moved.length === 0 && tidy === plain) return { hash, search, notes };
  const rest = asked.filter((part) => !moved.includes(part)).map(({ raw }) => raw);
  return {
    hash: tidy,
    search: moved.length === 0 ? search : rest.length === 0 ? '' : `?${rest.join('&')}`,
    notes: [{ kind: 'repaired', given: moved.length > 0 ? search + hash : hash, meant: tidy }, ...notes],
  };
}

/** What to say of the path that a page without a network's name was opened under; null for nothing. */
export function pathNote(pathname: string, hash: string): LinkNote | null {
  const folder = decoded(pathname.split('/').filter(Boolean).at(-1) ?? '');
  if (partsOf(hash).some(({ key }) => key === 'net') || folder === '' || proposedLabel(folder) !== folder) return null;
  return { kind: 'path', given: folder, meant: `#net=${folder}` };
}

function tidyParts(parts: readonly Part[]): { raws: string[]; ignored: string[] } {
  const exact = new Set(parts.map(({ key }) => key));
  const raws: string[] = [];
  const ignored: string[] = [];
  parts.forEach((part, i) => {
    const key = knownKey(part.key);
    const last = raws.at(-1);
    if (key !== null && (key === part.key || !exact.has(key))) {
      raws.push(tidyPart(key, part));
      // The first one counts.
      if (key !== 'signal' && parts.findIndex((other) => (exact.has(key) ? other.key : knownKey(other.key)) === key) < i)
        ignored.push(part.key);
    } else if (part.key === '' && part.raw.startsWith('/') && !exact.has('at')) raws.push(`at=${part.raw}`);
    else if (part.key === '' && i === 0 && isBareLabel(part.raw) && !exact.has('net')) raws.push(`net=${tidyLabel(part.raw)}`);
    // The route's own "&" was not escaped: "at=/transfer?to=ming&amount=5".
    else if (last?.startsWith('at=') && last.includes('?') && part.key !== '')
      raws.push(`${raws.pop()!}%26${encodeURIComponent(part.raw).replaceAll('%3D', '=')}`);
    else {
      raws.push(part.raw);
      ignored.push(part.key || part.raw);
    }
  });
  return { raws, ignored };
}

/** The parts between "&", whatever has been done to the marks that separate them. */
function partsOf(text: string): Part[] {
  let plain = text.replace(/^(?:#|＃|%23)+/i, '');
  for (let round = 0; round < 2 && !/[=＝]/.test(plain) && /%(?:25)*(?:3D|EF%BC%9D)/i.test(plain); round++) plain = decoded(plain);
  return plain
    .replaceAll('＆', '&')
    .replace(/&(?:amp;)+/gi, '&')
    .split('&')
    .filter((raw) => raw !== '')
    .flatMap(partOf);
}

function partOf(raw: string): Part[] {
  // Browsers escape full-width characters when they follow a link.
  const text = raw.replace(/%EF%BC%9D/gi, '＝');
  const mark = text.search(/[=＝]/);
  if (mark < 0) return [{ key: '', value: '', raw }];
  const key = decoded(text.slice(0, mark)).normalize('NFKC').replace(INVISIBLE, '').trim();
  const value = decoded(text.slice(mark + 1).replaceAll('+', ' '));
  if (knownKey(key) !== 'at' && /&(?:amp;)*[a-z]+=/i.test(value)) return partsOf(`${key}=${value}`);
  return [{ key, value, raw }];
}

/** `key=value` as it should be written; as it is written where that will do. */
function tidyPart(key: string, { key: given, value, raw }: Part): string {
  if (key === 'at' || key === 'signal')
    return given === key && raw.startsWith(`${key}=`) ? raw : `${key}=${raw.slice(raw.search(/[=＝]/) + 1)}`;
  const tidied = key === 'net' ? tidyLabel(value) : tidyValue(value);
  if (tidied === value && raw.startsWith(`${key}=`)) return raw;
  return `${key}=${encodeURIComponent(tidied)}`;
}

function tidyValue(text: string): string {
  return text.normalize('NFKC').replace(INVISIBLE, '').replace(AROUND, '');
}

function tidyLabel(text: string): string {
  return tidyValue(text.replace(DASHES, '-')).toLowerCase();
}

function isBareLabel(raw: string): boolean {
  const label = tidyLabel(decoded(raw));
  return raw !== PAGE_ANCHOR && proposedLabel(label) === label;
}

/** `key` as PROTOCOL.md writes it, null where it is none. */
function knownKey(key: string): string | null {
  if (KNOWN_KEYS.includes(key)) return key;
  return KNOWN_KEYS.find((known) => known.toLowerCase() === key.toLowerCase()) ?? null;
}

function nearestKey(given: string): string | null {
  const word = given.toLowerCase();
  const near = KNOWN_KEYS.filter((key) => key.length > NEAR_KEY_EDITS + 1 || key === 'net')
    .map((key) => ({ key, edits: edits(word, key.toLowerCase()) }))
    .filter(({ key, edits }) => edits <= (key === 'net' ? 1 : NEAR_KEY_EDITS))
    .sort((a, b) => a.edits - b.edits);
  return near[0]?.key ?? null;
}

/** Letters to insert, to remove or to change between two short words (Levenshtein). */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= Math.min(a.length, 32); i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + Number(a[i - 1] !== b[j - 1])));
    row = next;
  }
  return row[b.length]!;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
