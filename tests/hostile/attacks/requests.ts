import { randomBytes } from 'node:crypto';
import { SNAPSHOT_EVERY } from '../../../src/protocol/snapshot.ts';
import type { Message } from '../../../src/protocol/wire.ts';
import { MAX_SAMPLE_POINTS } from '../../../src/protocol/work-proof.ts';
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

/** The requests of newcomers, from many links, as fast as the victim accepts them. Only for a chain that is long enough to join. */
export class NewcomerStorm extends Attack {
  override readonly name = 'newcomers-storm';
  override readonly summary = '24 links request tails, samples and accounts of the newest snapshots, without a pause';
  override readonly identities = 24;

  override opened(link: HostileLink, { arena }: Field): Promise<void> {
    return arena.attacker.deafen(link);
  }

  override async run({ arena }: Field): Promise<void> {
    const { height } = await arena.victim.status();
    const newest = height - (height % SNAPSHOT_EVERY);
    const questions = await Promise.all(
      Array.from({ length: 20 }, async (_, index): Promise<Message[]> => {
        const tip = (await arena.victim.call('block', height - index))!.id;
        const snapshot = (await arena.victim.call('block', newest - SNAPSHOT_EVERY * (index % 3)))!.id;
        return [
          { type: 'getTail', tip },
          { type: 'getSamples', before: tip, points: randomPoints() },
          { type: 'getAccounts', block: snapshot, from: new Uint8Array(randomBytes(32)) },
        ];
      }),
    );
    await arena.attacker.flood(questions.flat());
  }
}

/** As many as a request can have, ascending. */
function randomPoints(): bigint[] {
  const points = Array.from({ length: MAX_SAMPLE_POINTS }, () => randomBytes(8).readBigUInt64BE());
  return points.sort((a, b) => (a < b ? -1 : 1));
}
