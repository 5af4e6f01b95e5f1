import type { ChainStatus } from '../../../src/api/api.ts';
import { formatNetworkLink } from '../../../src/protocol/network.ts';
import { Chromium } from '../../browser/harness/chromium.ts';
import { agree, waitUntil } from '../../browser/harness/wait.ts';
import type { Arena } from '../arena.ts';
import { eventually } from '../eventually.ts';
import { JOIN_ATTACKS } from './attacks.ts';

/** The outcome of one attack on a newcomer. */
export interface JoinVerdict {
  readonly name: string;
  readonly relayed: boolean;
  /** Milliseconds from the return of the honest tabs until the newcomer has verified their whole chain; null if it has not. */
  readonly joinedMs: number | null;
  /** Description of each failed check; empty if all passed. */
  readonly failures: readonly string[];
}

/** A stranger's link takes some seconds, because a tab accepts only a few connections a minute from all strangers. */
const REACH_TRIES = 300;
/** Includes a join that waits for withheld accounts, and one that follows a worse one. */
const JOIN_LIMIT_MS = 60_000;

/**
 * Opens a newcomer while the honest tabs stand still, so that it meets the attacker alone. When the attacker has had its chance, the honest
 * tabs go on, and the newcomer must verify their chain.
 * @param name of one of {@link JOIN_ATTACKS}
 */
export async function runJoinAttack(arena: Arena, name: string, relayed: boolean): Promise<JoinVerdict> {
  const { attacker, room } = arena;
  const attack = new JOIN_ATTACKS[name]!(arena);
  const failures: string[] = [];
  let isEnded = false;
  let joinedMs: number | null = null;
  attack.prepare();
  attacker.listen({
    opened: (link) => void attacker.greet(link, attack.claim).catch(() => undefined),
    heard: (link, message) => {
      if (message.type === 'bye' && message.reason === 'violation') isEnded = true;
      // The link may be gone.
      void attack.heard(link, message).catch(() => undefined);
    },
  });
  const browser = await Chromium.launch();
  const goOn = await arena.standStill();
  try {
    const newcomer = await browser.openTab('newcomer', arena.server.url + formatNetworkLink(arena.network));
    const url = attacker.signalingUrl;
    const id = (await attacker.lookAround({ url, room }, 3)).find((other) => other !== arena.victimId && other !== arena.neighbourId)!;
    await attacker.dial({ url, room, relayed, victim: id, identities: 1 });
    await eventually(REACH_TRIES, 'The newcomer has not asked the attacker, so nothing was tried.', async () =>
      attack.reached(await newcomer.status()),
    );
    goOn();
    const wentOn = Date.now();
    await waitUntil(
      [arena.victim, newcomer],
      'the newcomer to verify the honest chain',
      (statuses) => agree(statuses) && isWhole(statuses[1]!.chain),
      JOIN_LIMIT_MS,
    );
    joinedMs = Date.now() - wentOn;
    if (attack.isBreach && !isEnded) failures.push('The link to the liar was not ended as a violation.');
    if (!attack.isBreach && isEnded) failures.push('The link was ended as a violation, which nobody has proven.');
    failures.push(...newcomer.problems.filter((problem) => !/WebSocket connection/.test(problem)));
  } catch (error) {
    failures.push(String(error));
  } finally {
    goOn();
    await attacker.hangUp();
    await browser.dispose();
  }
  return { name, relayed, joinedMs, failures };
}

const isWhole = ({ base, verified, behind, joining }: ChainStatus): boolean =>
  base === 0 && verified === 'all' && behind === null && joining === null;
