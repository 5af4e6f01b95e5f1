import { setTimeout as pause } from 'node:timers/promises';
import type { Message, TipClaim } from '../../src/protocol/wire.ts';
import type { Arena } from './arena.ts';
import type { HostileLink } from './attacker.ts';

/** What an attack may use. */
export interface Field {
  readonly arena: Arena;
  /** Dials again with fresh identities, as many as the attack has. */
  redial(): Promise<void>;
  /** True once the attack's time is over. */
  over(): boolean;
}

/** One way to harm a tab, against a real one. */
export abstract class Attack {
  abstract readonly name: string;
  /** For people: what it does. */
  abstract readonly summary: string;
  /** Strangers at once; 0 where the attack makes no links. */
  readonly identities: number = 1;

  /** What each stranger claims of its chain; the victim's own tip looks honest. */
  claim(honest: TipClaim): TipClaim {
    return honest;
  }

  /** Called once before anything is dialled. */
  prepare(_field: Field): Promise<void> {
    return Promise.resolve();
  }

  /** A link is open, and hello is said. */
  opened(_link: HostileLink, _field: Field): Promise<void> {
    return Promise.resolve();
  }

  heard(_link: HostileLink, _message: Message, _field: Field): Promise<void> {
    return Promise.resolve();
  }

  /** After all links have been dialled; what goes on for as long as the attack lasts. */
  run(_field: Field): Promise<void> {
    return Promise.resolve();
  }

  /**
   * What this attack above all must not reach, besides what holds for all of them: throws when it does. Called while it still goes on.
   */
  check(_field: Field): Promise<void> {
    return Promise.resolve();
  }

  /** Called last: puts right what {@link prepare} has changed of the arena. */
  finish(_field: Field): Promise<void> {
    return Promise.resolve();
  }
}

/** Comes back under new identities every so many milliseconds, until the attack is over. */
export async function returnEvery(ms: number, field: Field): Promise<void> {
  while (!field.over()) {
    await pause(ms);
    if (!field.over()) await field.redial();
  }
}
