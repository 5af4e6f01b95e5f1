import type { Message } from '../../../src/protocol/wire.ts';
import { MAX_INVENTORY } from '../../../src/protocol/wire.ts';
import { Attack, type Field } from '../attack.ts';
import type { HostileLink } from '../attacker.ts';

/** Bytes per second, too few to show in statistics. */
const TRICKLE = 5_000;

/** The most expensive requests, from many links, as fast as the victim accepts them or at a trickle. */
export class ExpensiveRequests extends Attack {
  override readonly name: string;
  override readonly summary: string;
  override readonly identities: number;
  readonly #bytesPerSecond: number;

  constructor(name: string, identities: number, bytesPerSecond: number) {
    super();
    this.name = name;
    this.identities = identities;
    this.#bytesPerSecond = bytesPerSecond;
    this.summary = `${identities} links request full blocks, a thousand blocks and all headers, ${bytesPerSecond === Infinity ? 'without a pause' : `${bytesPerSecond} bytes a second each`}`;
  }

  static trickle(): ExpensiveRequests {
    return new ExpensiveRequests('requests-trickle', 1, TRICKLE);
  }

  static storm(): ExpensiveRequests {
    return new ExpensiveRequests('requests-storm', 24, Infinity);
  }

  override opened(link: HostileLink, { arena }: Field): Promise<void> {
    return arena.attacker.deafen(link);
  }

  override async run({ arena }: Field): Promise<void> {
    const { chain, network } = arena.chain;
    const ids = Array.from({ length: chain.tip().height }, (_, index) => chain.activeId(index + 1)!);
    const full = ids.at(-1)!;
    const many = Array.from({ length: MAX_INVENTORY }, (_, index) => ids[index % ids.length]!);
    const messages: Message[] = [
      { type: 'getBlockTransactions', blockId: full, indexes: [] },
      { type: 'getHeaders', locator: [network.id] },
      { type: 'getData', kind: 'block', ids: many },
      { type: 'getBlockTransactions', blockId: full, indexes: Array.from({ length: 700 }, (_, index) => index) },
      { type: 'getMempool' },
    ];
    await arena.attacker.flood(messages, this.#bytesPerSecond);
  }
}
