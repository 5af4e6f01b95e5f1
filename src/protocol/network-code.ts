/**
 * The code of a network: six letters that people read from a wall and type on a phone, in place of the network's link.
 *
 * The code is a slow hash of the link, so every tab of a network knows its code, and nobody needs to assign codes. Tabs that show their code
 * meet in a room of the signaling servers that is named by the code, and give their link to tabs that type the code. The server learns
 * neither. A tab takes a link only if its hash is the code. Another link with the same code exists, but to find one takes about 2^26 slow
 * hashes of {@link SCRYPT}, some months on one core: long after the lesson. So a code is for a day, and a link is for good.
 */
import { scryptAsync } from '@noble/hashes/scrypt.js';
import { sha256 } from '../crypto/hash.ts';
import { toHex, utf8 } from '../util/bytes.ts';
import { TabchainError } from '../util/errors.ts';

/** Letters only, which a phone's keyboard shows at once; without I, L and O, which look like others, and without U, which makes words. */
const LETTERS = 'ABCDEFGHJKMNPQRSTVWXYZ';
export const CODE_LENGTH = 6;

/** 32 MiB of memory, and 0.1 s on a laptop (RFC 7914). */
const SCRYPT = { N: 2 ** 15, r: 8, p: 1, dkLen: 8 } as const;
const SALT = utf8('tabchain network code 1');

/** A longer text is no network's link; signaling servers in it are not part of the code. */
export const MAX_CODED_LINK_LENGTH = 400;

/** A message between two tabs in the room of a code: what is your network? This one. */
export type CodeMessage = { readonly ask: 'link' } | { readonly link: string };

/**
 * The code of a network.
 * @param link the shortest fragment that joins the network (network.ts), e.g. "#net=demo"
 */
export async function networkCode(link: string): Promise<string> {
  const digest = await scryptAsync(utf8(link), SALT, SCRYPT);
  let number = digest.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
  let code = '';
  while (code.length < CODE_LENGTH) {
    code += LETTERS[Number(number % BigInt(LETTERS.length))];
    number /= BigInt(LETTERS.length);
  }
  return code;
}

/**
 * A code as a person typed it: in any case, full width, with spaces or hyphens.
 * @throws TabchainError `code-invalid`
 */
export function parseNetworkCode(text: string): string {
  const code = text
    .slice(0, 100)
    .normalize('NFKC')
    .replace(/[\s\p{Dash}\p{Cf}]/gu, '')
    .toUpperCase();
  const wrong = [...code].find((letter) => !LETTERS.includes(letter));
  if (code.length !== CODE_LENGTH || wrong !== undefined) {
    throw new TabchainError('code-invalid', `A network's code has ${CODE_LENGTH} letters.`, {
      code: code.slice(0, 12),
      wrong: wrong ?? '',
    });
  }
  return code;
}

/** The room of the signaling servers where the tabs of a code meet, 64 hexadecimal digits. */
export function roomOfCode(code: string): string {
  return toHex(sha256(utf8(`tabchain code room 1\n${code}`)));
}

/** What another tab says in the room of a code; null for anything else. Other tabs may say anything. */
export function readCodeMessage(data: unknown): CodeMessage | null {
  if (typeof data !== 'object' || data === null) return null;
  const { ask, link } = data as Record<string, unknown>;
  if (ask === 'link') return { ask };
  return typeof link === 'string' && link.length <= MAX_CODED_LINK_LENGTH ? { link } : null;
}
