import { setTimeout as pause } from 'node:timers/promises';
import type { Arena, Readings } from './arena.ts';
import { Attack, type Field } from './attack.ts';
import type { HostileLink } from './attacker.ts';

/** What one attack came to. */
export interface Verdict {
  readonly name: string;
  readonly relayed: boolean;
  /** Links that the attacker got in the whole, and those that were cut. */
  readonly links: number;
  readonly cut: number;
  readonly worstStatusMs: number;
  /** From the neighbour's page to the victim's, the worst block; null when there was none to compare. */
  readonly worstBlockDelayMs: number | null;
  readonly blocks: number;
  /** Above what the victim's process held before, while the attack went on and garbage was not gone yet. */
  readonly peakGrowthMb: number | null;
  /** The same afterwards, without garbage. */
  readonly keptMb: number | null;
  /** Milliseconds of the worst `status()` that the victim waited for a processor which others had: no part of the verdict, but of what to think of it. */
  readonly waitedMs: number;
  /** What did not hold, in words; empty where everything did. */
  readonly failures: readonly string[];
}

export interface Bounds {
  readonly statusMs: number;
  readonly blockDelayMs: number;
  readonly growthMb: number;
}

interface Wait {
  /** Unix ms. */
  readonly at: number;
  /** Of the victim so far. */
  readonly ms: number;
}

/** The goals of this suite, on a machine that does nothing else. */
export const GOALS: Bounds = { statusMs: 500, blockDelayMs: 2_000, growthMb: 100 };

const SETTLE_MS = 2_000;
/** How often memory and waiting are looked at. */
const SAMPLE_MS = 100;
/** A block on its way when the attack ends counts by the time it has taken so far. */
const LAST_BLOCK_MS = 3_000;
/** An attack goes on for so much longer at most where the neighbour has found no block yet. */
const FIRST_BLOCK_MS = 60_000;
/** Strangers wait for so long at most until one of them is let in: a tab makes a few connections a minute for all of them. */
const FIRST_LINK_MS = 30_000;

/** Lets one attack loose on the victim for a while and judges what the honest tabs have seen. */
export async function runAttack(arena: Arena, attack: Attack, relayed: boolean, durationMs: number, bounds: Bounds): Promise<Verdict> {
  const { attacker } = arena;
  let over = false;
  const failures: string[] = [];
  const options = { url: attacker.signalingUrl, room: arena.network.id };
  const dial = (): Promise<void> => attacker.dial({ ...options, relayed, victim: arena.victimId, identities: attack.identities });
  const field: Field = {
    arena,
    over: () => over,
    redial: async () => {
      await attacker.hangUp();
      await dial();
    },
  };
  const fail = (error: unknown): void => void (over || failures.push(String(error)));
  attacker.opened = attacker.closed = 0;
  attacker.listen(listener(arena, attack, field, fail));
  await attack.prepare(field);
  const memoryBefore = await arena.victimMegabytes();
  let peakMb = memoryBefore ?? 0;
  const waits: Wait[] = [];
  const sampler = setInterval(() => {
    peakMb = Math.max(peakMb, arena.victimMegabytesNow() ?? 0);
    waits.push({ at: Date.now(), ms: arena.victimWaitMs() });
  }, SAMPLE_MS);
  await arena.watch();
  if (attack.identities > 0) await dial();
  for (let left = FIRST_LINK_MS / 100; attack.identities > 0 && attacker.opened === 0 && left > 0; left--) await pause(100);
  const ends = pause(durationMs);
  await pause(SETTLE_MS);
  const running = attack.run(field).catch(fail);
  await attack.check(field).catch((error: unknown) => failures.push(String(error)));
  await ends;
  const longest = Date.now() + FIRST_BLOCK_MS;
  while ((await arena.neighbourBlocks()) === 0 && Date.now() < longest) await pause(250);
  // The last of them may be on its way.
  await pause(bounds.blockDelayMs);
  const { victim, neighbour } = await arena.readings();
  if (!(await arena.honestLinkLives())) failures.push('The honest link is gone.');
  const { opened: links, closed: cut } = attacker;
  over = true;
  clearInterval(sampler);
  await Promise.all([running, attacker.hangUp()]);
  await attack.finish(field);
  const delays = blockDelays(victim, neighbour);
  const worstBlockDelayMs = delays.length > 0 ? Math.max(...delays) : null;
  // What waited is dealt with or dropped by then, and the allocator has given back what it keeps for a moment.
  await pause(SETTLE_MS);
  const memoryAfter = await arena.victimMegabytes();
  const growth = (after: number | null): number | null => (after === null || memoryBefore === null ? null : after - memoryBefore);
  const [peakGrowthMb, keptMb] = [growth(peakMb), growth(memoryAfter)];
  if (attack.identities > 0 && links === 0) failures.push('The attacker got no link, so nothing was tried.');
  if (victim.worstStatusMs > bounds.statusMs) failures.push(`status() took ${victim.worstStatusMs.toFixed(0)} ms.`);
  if (worstBlockDelayMs === null) failures.push('No block came, so no delay was measured.');
  else if (worstBlockDelayMs > bounds.blockDelayMs) failures.push(`A block came ${worstBlockDelayMs} ms late.`);
  if (keptMb !== null && keptMb > bounds.growthMb) failures.push(`${keptMb.toFixed(0)} MB more are held.`);
  failures.push(...arena.victim.problems.splice(0).filter((problem) => !/WebSocket connection/.test(problem)));
  const { name } = attack;
  return {
    name,
    relayed,
    links,
    cut,
    worstStatusMs: victim.worstStatusMs,
    worstBlockDelayMs,
    blocks: delays.length,
    peakGrowthMb,
    keptMb,
    waitedMs: waitedDuring(waits, victim),
    failures,
  };
}

/** How long the victim waited for a processor while its worst call was out, as far as that was sampled. */
function waitedDuring(waits: readonly Wait[], { worstStatusMs, worstEndedAt }: Readings): number {
  const before = waits.findLast(({ at }) => at <= worstEndedAt - worstStatusMs);
  const after = waits.find(({ at }) => at >= worstEndedAt) ?? waits.at(-1);
  return before && after ? Math.min(worstStatusMs, after.ms - before.ms) : 0;
}

/** Nobody attacks: what the figures of this machine are worth. */
export class Calm extends Attack {
  override readonly name = 'calm';
  override readonly summary = 'nobody attacks';
  override readonly identities = 0;
}

function listener(arena: Arena, attack: Attack, field: Field, fail: (error: unknown) => void) {
  const { attacker } = arena;
  const greet = async (link: HostileLink): Promise<void> => {
    await attacker.greet(link, attack.claim(await arena.victimTip()));
    await attack.opened(link, field);
  };
  return {
    opened: (link: HostileLink) => void greet(link).catch(fail),
    heard: (link: HostileLink, message: Parameters<Attack['heard']>[1]) => void attack.heard(link, message, field).catch(fail),
  };
}

/** Milliseconds from the neighbour's page hearing of a block until the victim's did; those still missing count what they have waited. */
function blockDelays(victim: Readings, neighbour: Readings): number[] {
  const now = Date.now();
  return Object.entries(neighbour.blocks).flatMap(([id, at]) => {
    const seen = victim.blocks[id];
    if (seen !== undefined) return [Math.max(0, seen - at)];
    // The block may have lost at once to a better one, or may be on its way just now.
    return now - at > LAST_BLOCK_MS && Object.values(neighbour.blocks).every((other) => other <= at) ? [now - at] : [];
  });
}
