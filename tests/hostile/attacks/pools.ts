import { randomBytes, sign } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { MAX_POOLED_REGISTRATIONS } from '../../../src/chain/mempool-limits.ts';
import { meetsTarget } from '../../../src/consensus/header.ts';
import { sealDigest } from '../../../src/protocol/block.ts';
import { formatNetworkLink, type Network } from '../../../src/protocol/network.ts';
import {
  encodeTransaction,
  networkTag,
  signedMessage,
  stampHash,
  type DecodedTransaction,
  type RegistrationBody,
} from '../../../src/protocol/transaction.ts';
import { toHex } from '../../../src/util/bytes.ts';
import { keyPool, type PoolKey } from '../../bench/key-pool.ts';
import { Chromium } from '../../browser/harness/chromium.ts';
import { Attack, type Field } from '../attack.ts';
import type { Attacker, HostileLink } from '../attacker.ts';
import { eventually } from '../eventually.ts';

/** Keys of the pool that have an account in every arena's chain and that no other attack spends from. */
const DUST_PAYERS = { from: 60, count: 40 } as const;
/** Transfers of one account that a mempool keeps without those before them being in a block. */
const DUST_EACH = 60;
/** Keys of the pool that no chain of the arena registers. */
const UNREGISTERED_FROM = 400;
const REGISTRATIONS = 2 * MAX_POOLED_REGISTRATIONS;
const PART = 40;

/** Registrations that nobody wants, each with a stamp that is just enough, more than a mempool keeps. */
export class StampFiller extends Attack {
  override readonly name = 'stamp-filler';
  override readonly summary = 'registrations of nobody with the least stamp fill the mempool';
  override readonly identities = 3;
  #registrations: DecodedTransaction[] = [];

  override async prepare({ arena }: Field): Promise<void> {
    for (const key of keyPool(UNREGISTERED_FROM + REGISTRATIONS).slice(UNREGISTERED_FROM)) {
      this.#registrations.push(cheapRegistration(arena.network, key));
      if (this.#registrations.length % PART === 0) await pause(0);
    }
  }

  override async opened(link: HostileLink, { arena }: Field): Promise<void> {
    await sendAll(arena.attacker, link, this.#registrations);
  }

  /** Somebody new gets an account all the same. */
  override async check({ arena }: Field): Promise<void> {
    const browser = await Chromium.launch();
    try {
      const newcomer = await browser.openTab('newcomer', arena.server.url + formatNetworkLink(arena.network));
      const name = `late${toHex(new Uint8Array(randomBytes(4)))}`;
      await newcomer.call('register', { name, passphrase: 'somebody who comes a little late' });
      await eventually(400, 'A newcomer was not registered within 40 s.', async () => (await arena.victim.call('account', name)) !== null);
    } finally {
      await browser.dispose();
    }
  }
}

/** Transfers of the least amount for the least fee to accounts that nobody has, all valid. */
export class Dust extends Attack {
  override readonly name = 'dust';
  override readonly summary = 'thousands of valid transfers of one unit, each to another account, fill mempools and blocks';
  override readonly identities = 3;
  #transfers: DecodedTransaction[] = [];

  override async prepare({ arena }: Field): Promise<void> {
    const { network, victim } = arena;
    const { from, count } = DUST_PAYERS;
    for (const key of keyPool(from + count).slice(from)) {
      const next = (await victim.call('account', key.name))?.nonce ?? 0;
      for (let i = 0; i < DUST_EACH; i++) this.#transfers.push(dust(network, key, next + i));
      await pause(0);
    }
  }

  override async opened(link: HostileLink, { arena }: Field): Promise<void> {
    await sendAll(arena.attacker, link, this.#transfers);
  }

  override check({ arena }: Field): Promise<void> {
    return arena.expectConfirmedPayment();
  }
}

async function sendAll(attacker: Attacker, link: HostileLink, transactions: readonly DecodedTransaction[]): Promise<void> {
  const messages = transactions.map((transaction) => ({ type: 'transaction', transaction }) as const);
  for (let at = 0; at < messages.length; at += PART) await attacker.say(link, ...messages.slice(at, at + PART));
}

function dust(network: Network, key: PoolKey, nonce: number): DecodedTransaction {
  const body = {
    kind: 'transfer',
    networkTag: networkTag(network.id),
    sender: key.address,
    recipient: randomBytes(20).toString('hex'),
    amount: 1,
    // The least that is passed on: one unit a byte.
    fee: 400,
    nonce,
    memo: { kind: 'none' },
  } as const;
  return encodeTransaction({ ...body, signature: signed(network, body, key) });
}

function cheapRegistration(network: Network, key: PoolKey): DecodedTransaction {
  const body: RegistrationBody = {
    kind: 'registration',
    networkTag: networkTag(network.id),
    name: `z${randomBytes(6).toString('hex')}`,
    signingModulus: key.modulus,
    encryptionModulus: key.modulus,
  };
  const hash = stampHash(network.id, body);
  let stamp = new Uint8Array(randomBytes(20));
  while (!meetsTarget(toHex(sealDigest(hash, stamp)), network.stampBits)) stamp = new Uint8Array(randomBytes(20));
  const stamped = { ...body, stamp };
  return encodeTransaction({ ...stamped, signature: signed(network, stamped, key) });
}

function signed(network: Network, body: Parameters<typeof signedMessage>[1], key: PoolKey): Uint8Array {
  return new Uint8Array(sign('sha256', signedMessage(network.id, body), key.privateKey));
}
