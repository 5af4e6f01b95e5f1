import { setTimeout as pause } from 'node:timers/promises';
import type { Message } from '../../../src/protocol/wire.ts';
import { MAX_INVENTORY } from '../../../src/protocol/wire.ts';
import { Attack, type Field } from '../attack.ts';
import type { HostileLink } from '../attacker.ts';
import { eventually } from '../eventually.ts';

/** Longer than the victim takes to fill a link's buffer, shorter than a browser's time-out for a silent link. */
const STOPPED_MS = 6_000;
const AWAKE_MS = 500;

/** Requests everything and reads no answer: its whole browser is stopped, so that its sockets are not read. */
export class SlowReader extends Attack {
  override readonly name = 'slow-reader';
  override readonly summary = 'requests a thousand blocks on every link and stops reading';
  override readonly identities = 8;

  override opened(link: HostileLink, { arena }: Field): Promise<void> {
    return arena.attacker.deafen(link);
  }

  override async run({ arena, over }: Field): Promise<void> {
    const { chain } = arena.chain;
    const ids = Array.from({ length: MAX_INVENTORY }, (_, index) => chain.activeId(chain.tip().height - (index % 20))!);
    const questions: Message[] = [{ type: 'getData', kind: 'block', ids }];
    while (!over()) {
      for (const link of arena.attacker.links) await arena.attacker.say(link, ...questions);
      await arena.attacker.standStill(STOPPED_MS, over);
      await pause(AWAKE_MS);
    }
  }

  override check({ arena }: Field): Promise<void> {
    return arena.expectHeardPayment();
  }
}

/** Answer delays, just below the victim's time-outs (net/peer-limits.ts). */
const LATE = { headers: 9_000, transactions: 4_500, parts: 2_700, block: 1_900 } as const;
/** Added latency of the honest neighbour compared with the attackers. */
const FARTHER_MS = 150;

/** Receives news first, from the neighbour itself, passes it on before others can, and then delivers slowly. */
abstract class Eavesdropper extends Attack {
  override readonly identities = 6;
  /** Requests from the victim to the attackers. */
  protected asked = 0;

  /** The message that attackers pass on for a message of the neighbour; null for none. */
  protected abstract news(message: Message): Message | null;

  override async run({ arena }: Field): Promise<void> {
    const { attacker, room, neighbourId } = arena;
    // Through the server, which is faster than the neighbour's delayed channels.
    await attacker.dial({ url: attacker.signalingUrl, room, relayed: true, victim: neighbourId, identities: 1 });
  }

  override async heard(link: HostileLink, message: Message, field: Field): Promise<void> {
    const { arena } = field;
    if (link.victim !== arena.neighbourId) return this.answer(link, message, field);
    const news = this.news(message);
    if (!news) return;
    for (const other of arena.attacker.links) if (other.victim === arena.victimId) await arena.attacker.say(other, news);
  }

  /** Handles a message from the victim. */
  protected abstract answer(link: HostileLink, message: Message, field: Field): Promise<void>;

  override async prepare({ arena }: Field): Promise<void> {
    await arena.delayNeighbour(FARTHER_MS);
  }

  override async check({ arena }: Field): Promise<void> {
    const listens = (): boolean => arena.attacker.links.some(({ victim }) => victim === arena.neighbourId);
    await eventually(150, 'The attackers could not listen to the neighbour.', () => Promise.resolve(listens()));
    await arena.expectHeardPayment();
    await eventually(300, 'The victim asked the attackers for nothing, so nothing was tried.', () => Promise.resolve(this.asked > 0));
  }

  override async finish({ arena }: Field): Promise<void> {
    await arena.delayNeighbour(0);
  }
}

/** Announces the header of every block first, and withholds its transactions. */
export class CompactWithholder extends Eavesdropper {
  override readonly name = 'withhold-compact';
  override readonly summary = 'forwards compact blocks first, and withholds their transactions';

  protected override news(message: Message): Message | null {
    if (message.type !== 'compactBlock') return null;
    const { sealed, salt, shortIds, prefilled } = message;
    // Short ids of no real transaction, one for each transaction of the block.
    const count = Math.max(1, shortIds.length + prefilled.length);
    return { type: 'compactBlock', sealed, salt, shortIds: Array.from({ length: count }, (_, index) => index), prefilled: [] };
  }

  protected override async answer(link: HostileLink, message: Message, { arena }: Field): Promise<void> {
    if (message.type !== 'getBlockTransactions') return;
    this.asked++;
    await pause(LATE.parts);
    await arena.attacker.say(link, { type: 'blockTransactions', blockId: message.blockId, transactions: [] });
  }
}

/** Answers every request as late as possible. */
export class Starver extends Eavesdropper {
  override readonly name = 'starve';
  override readonly summary = 'announces everything first and answers just before each time-out';

  protected override news(message: Message): Message | null {
    return message.type === 'inventory' ? message : null;
  }

  protected override async answer(link: HostileLink, message: Message, { arena }: Field): Promise<void> {
    const { attacker } = arena;
    switch (message.type) {
      case 'getHeaders':
        this.asked++;
        await pause(LATE.headers);
        return attacker.say(link, { type: 'headers', headers: [] });
      case 'getData':
        this.asked++;
        await pause(message.kind === 'block' ? LATE.block : LATE.transactions);
        return attacker.say(link, { type: 'notFound', kind: message.kind, ids: message.ids });
      case 'getBlockTransactions':
        await pause(LATE.parts);
        return attacker.say(link, { type: 'notFound', kind: 'block', ids: [message.blockId] });
      default:
        return;
    }
  }
}
