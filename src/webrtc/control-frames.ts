/**
 * Messages between the link makers of two linked tabs. They travel on the link beside the node's frames, whose first byte is 0 or 1
 * (net/framing.ts). A control frame is the byte {@link CONTROL_FLAG}, then a JSON text in UTF-8, together at most {@link MAX_CONTROL_BYTES}.
 *
 * | frame | meaning |
 * |---|---|
 * | `neighbours` links | all open links of the sender, at most {@link MAX_NEIGHBOURS}. Each list replaces the list before |
 * | `pass` to, data | please give this signal to your neighbour `to` |
 * | `passed` from, data | my neighbour `from` has asked me to give you this signal |
 * | `team` rate, before, tip, back | in a team of the lab: what this tab does, and whether the team ends |
 */
import type { LinkKind } from '../net/transport.ts';
import { isPeerId } from '../protocol/signaling.ts';
import { utf8, fromUtf8 } from '../util/bytes.ts';
import { MAX_CONTROL_BYTES, MAX_NEIGHBOURS } from './link-limits.ts';

const CONTROL_FLAG = 2;

export interface Neighbour {
  readonly peer: string;
  readonly kind: LinkKind;
}

/** What a tab of a team tells the others, about every second. */
export interface TeamFrame {
  readonly type: 'team';
  /** Hashes a second, now and just before the tab left the network. */
  readonly rate: number;
  readonly before: number;
  /** Id of the tab's newest block when it left the network. */
  readonly tip: string;
  /** The team ends: this tab takes the branch back, and so do all that hear it. */
  readonly back: boolean;
}

export type ControlFrame =
  | TeamFrame
  | { readonly type: 'neighbours'; readonly links: readonly Neighbour[] }
  | { readonly type: 'pass'; readonly to: string; readonly data: unknown }
  | { readonly type: 'passed'; readonly from: string; readonly data: unknown };

const BLOCK_ID = /^[0-9a-f]{64}$/;
const MAX_RATE = 1e15;

const LINK_KINDS: ReadonlySet<unknown> = new Set<LinkKind>(['direct', 'relayed', 'local']);

/** Whether a message of a link belongs to the link maker. */
export function isControlFrame(message: Uint8Array): boolean {
  return message[0] === CONTROL_FLAG;
}

/** The bytes of a frame; null if the frame is too long or cannot be written as JSON. */
export function encodeControlFrame(frame: ControlFrame): Uint8Array | null {
  try {
    const text = utf8(JSON.stringify(frame));
    if (text.length >= MAX_CONTROL_BYTES) return null;
    const bytes = new Uint8Array(text.length + 1);
    bytes[0] = CONTROL_FLAG;
    bytes.set(text, 1);
    return bytes;
  } catch {
    // A stranger's data may be nested too deeply for JSON.stringify.
    return null;
  }
}

/** The frame in a message for which {@link isControlFrame} holds; null if it is invalid, too long, or of a later version. */
export function parseControlFrame(message: Uint8Array): ControlFrame | null {
  if (message.length > MAX_CONTROL_BYTES) return null;
  let value: unknown;
  try {
    value = JSON.parse(fromUtf8(message.subarray(1)));
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { type, links, to, from, data, ...rest } = value as Record<string, unknown>;
  if (type === 'team') return parseTeam(rest);
  if (type === 'neighbours') return parseNeighbours(links);
  if (data === undefined) return null;
  if (type === 'pass' && isPeerId(to)) return { type, to, data };
  if (type === 'passed' && isPeerId(from)) return { type, from, data };
  return null;
}

function parseTeam({ rate, before, tip, back }: Record<string, unknown>): ControlFrame | null {
  if (!isRate(rate) || !isRate(before) || typeof back !== 'boolean') return null;
  return typeof tip === 'string' && BLOCK_ID.test(tip) ? { type: 'team', rate, before, tip, back } : null;
}

/** A sum of rates must stay a number. */
const isRate = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= MAX_RATE;

function parseNeighbours(links: unknown): ControlFrame | null {
  if (!Array.isArray(links) || links.length > MAX_NEIGHBOURS) return null;
  const parsed: Neighbour[] = [];
  for (const link of links as unknown[]) {
    const { peer, kind } = (link ?? {}) as Record<string, unknown>;
    if (!isPeerId(peer) || !LINK_KINDS.has(kind)) return null;
    parsed.push({ peer, kind: kind as LinkKind });
  }
  return { type: 'neighbours', links: parsed };
}
