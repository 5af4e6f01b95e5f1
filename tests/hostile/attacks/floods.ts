import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Message } from '../../../src/protocol/wire.ts';
import { keyPool } from '../../bench/key-pool.ts';
import { Attack, returnEvery, type Field } from '../attack.ts';
import type { HostileLink } from '../attacker.ts';
import { forgedTransfer } from './pools.ts';

const hex = (bytes: number): string => randomBytes(bytes).toString('hex');
const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));

/** Small messages of every kind without a pause. */
export class Chatter extends Attack {
  override readonly name = 'chatter';
  override readonly summary = 'pings, announcements and useless requests, without a pause';
  override readonly identities = 8;

  override opened(link: HostileLink, { arena }: Field): Promise<void> {
    return arena.attacker.deafen(link);
  }

  override run({ arena }: Field): Promise<void> {
    const tip = { height: 1, tip: hex(32), work: 1n, base: 0 };
    const messages: Message[] = many(40, (index): Message[] => [
      { type: 'ping', nonce: index, ...tip },
      { type: 'pong', nonce: index, clockMs: index },
      { type: 'inventory', kind: 'transaction', ids: many(1_000, () => hex(32)) },
      { type: 'inventory', kind: 'block', ids: many(20, () => hex(32)) },
      { type: 'getData', kind: 'transaction', ids: many(50, () => hex(32)) },
      { type: 'notFound', kind: 'block', ids: many(50, () => hex(32)) },
      { type: 'blockTransactions', blockId: hex(32), transactions: [] },
    ]).flat();
    return arena.attacker.flood(messages);
  }
}

/** Transfers of a rich account with wrong signatures, which only the most expensive check detects. */
export class JunkTransfers extends Attack {
  override readonly name = 'junk-transfers';
  override readonly summary = 'transfers of a real account with wrong signatures, each from another identity';
  override readonly identities = 8;

  override async heard(link: HostileLink, message: Message, { arena }: Field): Promise<void> {
    if (message.type !== 'getMempool') return;
    const [payer] = keyPool(1);
    for (let nonce = 0; nonce < 50; nonce++) {
      const transaction = forgedTransfer(arena.network, payer!, { recipient: hex(20), fee: 100_000, nonce }, randomBytes(256));
      await arena.attacker.say(link, { type: 'transaction', transaction });
    }
  }

  override run(field: Field): Promise<void> {
    return returnEvery(2_000, field);
  }
}

/** Frames that are not messages, from new identities as soon as the old ones are disconnected. */
export class Garbage extends Attack {
  override readonly name = 'garbage';
  override readonly summary = 'noise, endless messages and empty frames, from fresh identities all the time';
  override readonly identities = 6;

  override async run(field: Field): Promise<void> {
    const endless = Buffer.alloc(65_536, 1).toString('base64');
    const noise = many(20, (index) => randomBytes(1 + index * 97).toString('base64'));
    for (let round = 0; !field.over(); round++) {
      await field.arena.attacker.floodBytes(round % 2 === 0 ? [endless] : noise);
      await pause(1_500);
      if (!field.over()) await field.redial();
    }
  }
}
