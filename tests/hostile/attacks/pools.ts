import { randomBytes, sign } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { MAX_POOLED_REGISTRATIONS } from '../../../src/mempool/policy.ts';
import type { Address } from '../../../src/crypto/address.ts';
import type { Network } from '../../../src/protocol/network.ts';
import { encodeTransaction, networkTag, signedMessage, type DecodedTransaction } from '../../../src/protocol/transaction.ts';
import { toHex } from '../../../src/util/bytes.ts';
import { keyPool, type PoolKey } from '../../bench/key-pool.ts';
import { leastRegistration } from '../../sim/hostile/pool-fillers.ts';
import { Attack, type Field } from '../attack.ts';
import type { HostileLink } from '../attacker.ts';
import { eventually } from '../eventually.ts';

/** Keys of the pool that have accounts in every arena's chain and that no other attack spends from. */
const DUST_PAYERS = { from: 60, count: 40 } as const;
/** Waiting transfers of one account that a mempool keeps. */
const DUST_EACH = 60;
/** The lowest fee that nodes relay: one unit per byte. */
const DUST_FEE = 400;
/** Transfers behind a missing nonce that a mempool keeps per account. */
const GAPPED_EACH = 16;
/** Keys of the pool that no chain of the arena registers. */
const UNREGISTERED_FROM = 400;
const REGISTRATIONS = 2 * MAX_POOLED_REGISTRATIONS;
/** Transactions made or sent at a time. */
const PART = 40;

/** Makes many valid transactions before the attack begins; each stranger sends them all on its link. */
abstract class PoolFiller extends Attack {
  #transactions: DecodedTransaction[] = [];

  /** Yields transactions one by one, because making all takes this process seconds. */
  protected abstract make(field: Field): AsyncIterable<DecodedTransaction> | Iterable<DecodedTransaction>;

  override async prepare(field: Field): Promise<void> {
    for await (const transaction of this.make(field)) {
      this.#transactions.push(transaction);
      if (this.#transactions.length % PART === 0) await pause(0);
    }
  }

  override async opened(link: HostileLink, { arena }: Field): Promise<void> {
    const messages = this.#transactions.map((transaction) => ({ type: 'transaction', transaction }) as const);
    for (let at = 0; at < messages.length; at += PART) await arena.attacker.say(link, ...messages.slice(at, at + PART));
  }

  override check({ arena }: Field): Promise<void> {
    return arena.expectConfirmedPayment();
  }
}

/** Transfers behind a missing nonce, from each of the attack's accounts. */
export class GapFiller extends PoolFiller {
  override readonly name = 'gap-filler';
  override readonly summary = 'well-paid transfers behind a missing nonce fill the mempool';
  override readonly identities = 2;

  protected override *make({ arena }: Field): Iterable<DecodedTransaction> {
    const { network, chain } = arena;
    for (const key of keyPool(100)) {
      const first = (chain.store.account(key.address)?.nonce ?? 0) + 2;
      for (let i = 0; i < GAPPED_EACH; i++)
        yield forgedTransfer(network, key, { recipient: '11'.repeat(20), fee: 5_000, nonce: first + i });
    }
  }
}

/** Useless registrations, each with the cheapest valid stamp: more than a mempool keeps. */
export class StampFiller extends PoolFiller {
  override readonly name = 'stamp-filler';
  override readonly summary = 'useless registrations with the cheapest stamp fill the mempool';
  override readonly identities = 3;

  protected override *make({ arena: { network } }: Field): Iterable<DecodedTransaction> {
    const draw = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
    for (const key of keyPool(UNREGISTERED_FROM + REGISTRATIONS).slice(UNREGISTERED_FROM)) {
      const name = `z${toHex(draw(6))}`;
      yield leastRegistration({ network, name, modulus: key.modulus, draw, sign: (message) => signed(message, key) });
    }
  }

  /** A newcomer can still register. */
  override check({ arena }: Field): Promise<void> {
    return arena.withNewcomer(async (newcomer) => {
      const name = `late${toHex(new Uint8Array(randomBytes(4)))}`;
      await newcomer.call('register', { name, passphrase: 'somebody who comes a little late' });
      await eventually(400, 'A newcomer was not registered within 40 s.', async () => (await arena.victim.call('account', name)) !== null);
    });
  }
}

/** Valid transfers of the smallest amount with the lowest fee to accounts without owners. */
export class Dust extends PoolFiller {
  override readonly name = 'dust';
  override readonly summary = 'thousands of valid transfers of one unit, each to another account, fill mempools and blocks';
  override readonly identities = 3;

  protected override async *make({ arena: { network, victim } }: Field): AsyncIterable<DecodedTransaction> {
    const { from, count } = DUST_PAYERS;
    for (const key of keyPool(from + count).slice(from)) {
      const next = (await victim.call('account', key.name))?.nonce ?? 0;
      for (let i = 0; i < DUST_EACH; i++) {
        yield forgedTransfer(network, key, { recipient: randomBytes(20).toString('hex'), fee: DUST_FEE, nonce: next + i });
      }
    }
  }
}

/** A transfer of one unit. @param signature made with `key` if absent */
export function forgedTransfer(
  network: Network,
  key: PoolKey,
  { recipient, fee, nonce }: { readonly recipient: Address; readonly fee: number; readonly nonce: number },
  signature?: Uint8Array,
): DecodedTransaction {
  const parties = { sender: key.address, recipient };
  const body = { kind: 'transfer', networkTag: networkTag(network.id), ...parties, amount: 1, fee, nonce, memo: { kind: 'none' } } as const;
  return encodeTransaction({ ...body, signature: signature ?? signed(signedMessage(network.id, body), key) });
}

function signed(message: Uint8Array, { privateKey }: PoolKey): Uint8Array {
  return new Uint8Array(sign('sha256', message, privateKey));
}
