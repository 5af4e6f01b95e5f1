import { setTimeout as pause } from 'node:timers/promises';
import type { Arena, Readings } from './arena.ts';
import { Attack, type Field } from './attack.ts';
import type { HostileLink } from './attacker.ts';

/** The outcome of one attack. */
export interface Verdict {
  readonly name: string;
  readonly relayed: boolean;
  /** Links that the attacker got in all, and links that were cut. */
  readonly links: number;
  readonly cut: number;
  readonly worstStatusMs: number;
  /** Longest delay of a block from the neighbour's page to the victim's; null if no block was seen. */
  readonly worstBlockDelayMs: number | null;
  readonly blocks: number;
  /** Peak memory growth of the victim's process during the attack, including garbage. */
  readonly peakGrowthMb: number | null;
  /** Memory growth after the attack, without garbage. */
  readonly keptMb: number | null;
  /** Milliseconds of the worst `status()` in which the victim waited for a busy processor. For information; does not affect the verdict. */
  readonly waitedMs: number;
  /** Description of each failed check; empty if all passed. */
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
  /** Total waiting time of the victim so far. */
  readonly ms: number;
}

/** The goals of this suite, on a machine without other work. */
export const GOALS: Bounds = { statusMs: 500, blockDelayMs: 2_000, growthMb: 100 };

const SETTLE_MS = 2_000;
/** How often memory and waiting time are sampled. */
const SAMPLE_MS = 100;
/** A missing block counts only if the neighbour has had it for this long when the attack ends. */
const LAST_BLOCK_MS = 3_000;
/** Longest extension of an attack while the neighbour has found no block. */
const FIRST_BLOCK_MS = 60_000;
/** Longest wait for a stranger's first link, because a tab accepts only a few connections a minute from all strangers. */
const FIRST_LINK_MS = 30_000;

/** Runs one attack on the victim and judges the recordings of the honest tabs. */
export async function runAttack(arena: Arena, attack: Attack, relayed: boolean, durationMs: number, bounds: Bounds): Promise<Verdict> {
  const { attacker } = arena;
  let over = false;
  const failures: string[] = [];
  const options = { url: attacker.signalingUrl, room: arena.room };
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
  const last = Date.now() + bounds.blockDelayMs;
  while (!(await arena.victimHasNewest()) && Date.now() < last) await pause(100);
  const { victim, neighbour } = await arena.readings();
  if (!(await arena.honestLinkLives())) failures.push('The honest link is gone.');
  const { opened: links, closed: cut } = attacker;
  over = true;
  clearInterval(sampler);
  await Promise.all([running, attacker.hangUp()]);
  await attack.finish(field);
  const delays = blockDelays(victim, neighbour);
  const worstBlockDelayMs = delays.length > 0 ? Math.max(...delays) : null;
  // By then waiting messages are handled or dropped, and the allocator has returned memory that it keeps for a moment.
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

/** How long the victim waited for a processor during its worst call, according to the samples. */
function waitedDuring(waits: readonly Wait[], { worstStatusMs, worstEndedAt }: Readings): number {
  const before = waits.findLast(({ at }) => at <= worstEndedAt - worstStatusMs);
  const after = waits.find(({ at }) => at >= worstEndedAt) ?? waits.at(-1);
  return before && after ? Math.min(worstStatusMs, after.ms - before.ms) : 0;
}

/** No attack: the figures of this machine for comparison. */
export class Calm extends Attack {
  override readonly name = 'calm';
  override readonly summary = 'no attack';
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

/** Milliseconds from the neighbour's page hearing of a block until the victim's page did. A missing block counts its wait so far. */
function blockDelays(victim: Readings, neighbour: Readings): number[] {
  const now = Date.now();
  return Object.entries(neighbour.blocks).flatMap(([id, at]) => {
    const seen = victim.blocks[id];
    if (seen !== undefined) return [Math.max(0, seen - at)];
    // The block may have lost at once to a better one, or may still be on its way.
    return now - at > LAST_BLOCK_MS && Object.values(neighbour.blocks).every((other) => other <= at) ? [now - at] : [];
  });
}
