import type { Message, TipClaim } from '../../../src/protocol/wire.ts';
import { Attack, returnEvery, type Field } from '../attack.ts';
import type { HostileLink } from '../attacker.ts';

/** More work than all computers have ever done. */
const BOAST = 2n ** 200n;
/** Just before the victim's time-out. */
const REDIAL_MS = 9_000;
const UNHEARD_OF = 'f'.repeat(64);

/** Fresh identities that claim the best chain and never send one of its headers. */
export class Boaster extends Attack {
  override readonly name = 'nosync';
  override readonly summary = 'fresh identities every 9 s claim work of 2^200 and send no header';
  override readonly identities = 6;

  override claim(honest: TipClaim): TipClaim {
    return { height: honest.height + 1_000_000, tip: UNHEARD_OF, work: BOAST, base: 0 };
  }

  override run(field: Field): Promise<void> {
    return returnEvery(REDIAL_MS, field);
  }

  /** Payments still arrive, and the page does not show an unproven target. */
  override async check({ arena }: Field): Promise<void> {
    const { sync, height } = await arena.victim.status();
    if (sync.target > height + 100) throw new Error(`The page shows a target of ${sync.target}.`);
    await arena.expectHeardPayment();
  }
}

/** Sends `hello` and then answers nothing. */
export class Deaf extends Attack {
  override readonly name = 'deaf';
  override readonly summary = 'links that look honest and answer no request';
  override readonly identities = 12;

  override opened(link: HostileLink, { arena }: Field): Promise<void> {
    return arena.attacker.deafen(link);
  }
}

/** Announces everything and delivers nothing. */
export class Withholder extends Attack {
  override readonly name = 'withhold';
  override readonly summary = 'announces transactions and blocks, and answers every request with notFound or nothing';
  override readonly identities = 6;

  override async opened(link: HostileLink, { arena }: Field): Promise<void> {
    await arena.attacker.say(link, { type: 'inventory', kind: 'block', ids: [UNHEARD_OF] });
  }

  override async heard(link: HostileLink, message: Message, { arena }: Field): Promise<void> {
    const { attacker } = arena;
    switch (message.type) {
      case 'getHeaders':
        return attacker.say(link, { type: 'headers', headers: [] });
      case 'getData':
        return attacker.say(link, { type: 'notFound', kind: message.kind, ids: message.ids });
      case 'inventory':
        // Announces the victim's own news back to the victim.
        return attacker.say(link, message);
      case 'compactBlock':
        return attacker.say(link, { type: 'compactBlock', sealed: message.sealed, salt: message.salt, shortIds: [1, 2, 3], prefilled: [] });
      case 'getBlockTransactions':
        return attacker.say(link, { type: 'blockTransactions', blockId: message.blockId, transactions: [] });
      default:
        return;
    }
  }
}
