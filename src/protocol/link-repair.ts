import { LINK_KEYS, proposedLabel } from './network.ts';

/** Keys of servers; a link may have several of each. */
const SERVER_KEYS: readonly string[] = ['signal', 'stun', 'turn'];
/** Known keys of a fragment: the network's label and parameters, the key of the room, servers, and the route of the page. */
const KNOWN_KEYS: readonly string[] = ['net', ...LINK_KEYS, 'key', ...SERVER_KEYS, 'at'];
/** Short keys whose misspelling is noticed all the same, because without them the page opens another network or another room. */
const VITAL_KEYS: readonly string[] = ['net', 'key'];
/** The target of the page's own "skip" link, so never the label of a network. */
const PAGE_ANCHOR = 'content';
/** Marks that chat programs and people put around a link. */
const AROUND = /^["'“”‘’「『《（(<[\s]+|["'“”‘’」』》）)>\].,;:。，、；：\s]+$/g;
const INVISIBLE = /[\u200b-\u200f\u2060\ufeff\u00ad]/g;
const DASHES = /[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]/g;
/** A word that differs from a key in at most this many letters counts as a misspelling of that key. */
const NEAR_KEY_EDITS = 2;

/** A note about a link that is not written as PROTOCOL.md says. */
export interface LinkNote {
  /**
   * `repaired`: the whole link was read as `meant`. `ignored`: the key has no effect; `meant` is a similar known key, or null.
   * `path`: the end of the address may be a label, or only the folder of the page; `meant` is the fragment of that network.
   */
  readonly kind: 'repaired' | 'ignored' | 'path';
  readonly given: string;
  readonly meant: string | null;
}

export interface TidyLink {
  /** The fragment to use, including "#". Exactly the given fragment where it needed no repair. */
  readonly hash: string;
  /** The query string without the keys that were moved into the fragment. */
  readonly search: string;
  readonly notes: readonly LinkNote[];
}

interface Part {
  /** Empty for a word without "=". */
  readonly key: string;
  readonly value: string;
  /** The part as it is written in the fragment. */
  readonly raw: string;
}

/**
 * Repairs a link: keys in the wrong case, escapes of HTML and of addresses, full-width characters, a query string in place of a fragment,
 * a bare label. A correct link does not change, and neither does its network. Never throws.
 */
export function tidyLink({ search, hash }: { search: string; hash: string }): TidyLink {
  const written = partsOf(hash);
  const asked = partsOf(search.replace(/^\?/, ''));
  const isMoved = asked.some(({ key }) => key.toLowerCase() === 'net')
    ? (part: Part) => knownKey(part.key) !== null
    : // Without `net`, "?t=1" only avoids caches. It must not become a block time.
      (part: Part) => KNOWN_KEYS.includes(part.key);
  const moved = asked.filter(isMoved).map(withoutSentKey);
  const { raws, ignored } = tidyParts([...written, ...moved.filter(({ key }) => !written.some((part) => part.key === key))]);
  const tidy = `#${raws.join('&')}`;
  const notes: LinkNote[] = ignored.map((key) => ({ kind: 'ignored', given: key, meant: nearestKey(key) }));
  const plain = `#${hash.slice(1).split('&').filter(Boolean).join('&')}`;
  if (moved.length === 0 && tidy === plain) return { hash, search, notes };
  const rest = asked.filter((part) => !isMoved(part)).map(({ raw }) => raw);
  return {
    hash: tidy,
    search: moved.length === 0 ? search : rest.length === 0 ? '' : `?${rest.join('&')}`,
    notes: [{ kind: 'repaired', given: moved.length > 0 ? search + hash : hash, meant: tidy }, ...notes],
  };
}

/** The browser has sent the query to the server, so a key in the query is no secret any more. An empty key is refused (room-key.ts). */
function withoutSentKey(part: Part): Part {
  return knownKey(part.key) === 'key' ? { key: 'key', value: '', raw: 'key=' } : part;
}

/** A note about the path of a page that was opened without `net`; null where the path does not look like a label. */
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
      // The first part with this key counts.
      if (!SERVER_KEYS.includes(key) && parts.findIndex((other) => (exact.has(key) ? other.key : knownKey(other.key)) === key) < i)
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

/** Splits a fragment or query at "&", even where "&" or "=" is escaped or full-width. */
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

/** The correct form of a part: the given text where it is correct. */
function tidyPart(key: string, { key: given, value, raw }: Part): string {
  if (key === 'at' || SERVER_KEYS.includes(key))
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

/** The spelling of `key` in PROTOCOL.md, null for an unknown key. */
function knownKey(key: string): string | null {
  if (KNOWN_KEYS.includes(key)) return key;
  return KNOWN_KEYS.find((known) => known.toLowerCase() === key.toLowerCase()) ?? null;
}

function nearestKey(given: string): string | null {
  const word = given.toLowerCase();
  const near = KNOWN_KEYS.filter((key) => key.length > NEAR_KEY_EDITS + 1 || VITAL_KEYS.includes(key))
    .map((key) => ({ key, edits: edits(word, key.toLowerCase()) }))
    .filter(({ key, edits }) => edits <= (VITAL_KEYS.includes(key) ? 1 : NEAR_KEY_EDITS))
    .sort((a, b) => a.edits - b.edits);
  return near[0]?.key ?? null;
}

/** Number of letters to insert, remove or change between two short words (Levenshtein distance). */
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
