import { setTimeout as pause } from 'node:timers/promises';
import type { Message, TipClaim } from '../../src/protocol/wire.ts';
import type { Arena } from './arena.ts';
import type { HostileLink } from './attacker.ts';

/** The means of an attack. */
export interface Field {
  readonly arena: Arena;
  /** Dials again with the attack's number of fresh identities. */
  redial(): Promise<void>;
  /** True once the attack's time is over. */
  over(): boolean;
}

/** One kind of attack against a real tab. */
export abstract class Attack {
  abstract readonly name: string;
  /** Description of the attack for people. */
  abstract readonly summary: string;
  /** Strangers at once; 0 if the attack makes no links. */
  readonly identities: number = 1;

  /** The tip that each stranger claims; the victim's own tip looks honest. */
  claim(honest: TipClaim): TipClaim {
    return honest;
  }

  /** Called once before any link is dialled. */
  prepare(_field: Field): Promise<void> {
    return Promise.resolve();
  }

  /** Called when a link is open and `hello` has been sent. */
  opened(_link: HostileLink, _field: Field): Promise<void> {
    return Promise.resolve();
  }

  heard(_link: HostileLink, _message: Message, _field: Field): Promise<void> {
    return Promise.resolve();
  }

  /** Called after all links have been dialled; runs for as long as the attack lasts. */
  run(_field: Field): Promise<void> {
    return Promise.resolve();
  }

  /**
   * Called during the attack. @throws if the attack reaches its own goal; the checks common to all attacks come in addition
   */
  check(_field: Field): Promise<void> {
    return Promise.resolve();
  }

  /** Called last: undoes the changes that {@link prepare} made to the arena. */
  finish(_field: Field): Promise<void> {
    return Promise.resolve();
  }
}

/** Redials with new identities every `ms` milliseconds until the attack is over. */
export async function returnEvery(ms: number, field: Field): Promise<void> {
  while (!field.over()) {
    await pause(ms);
    if (!field.over()) await field.redial();
  }
}
