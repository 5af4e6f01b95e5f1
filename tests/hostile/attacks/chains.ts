import { randomBytes, sign } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { expectedBits, headerContext } from '../../../src/consensus/difficulty.ts';
import { meetsTarget } from '../../../src/consensus/header.ts';
import { sealHeader, transactionRoot, type SealedHeader } from '../../../src/protocol/block.ts';
import { encodeTransaction, networkTag, signedMessage, type DecodedTransaction } from '../../../src/protocol/transaction.ts';
import { MAX_HEADERS } from '../../../src/protocol/wire.ts';
import { keyPool } from '../../bench/key-pool.ts';
import { Attack, type Field } from '../attack.ts';
import type { HostileLink } from '../attacker.ts';

/** Headers that one message takes; their seals take this process some milliseconds. */
const PART = Math.min(MAX_HEADERS, 250);

/** Long branches from the genesis block at the easiest target, every header with its own work. */
export class HeaderBranches extends Attack {
  override readonly name = 'header-branches';
  override readonly summary = 'branches of valid headers that cost next to nothing and have no bodies';
  override readonly identities = 4;

  override async run(field: Field): Promise<void> {
    const { arena } = field;
    while (!field.over()) {
      const branch: SealedHeader[] = [];
      while (branch.length < 1_000 && !field.over()) {
        extend(branch, arena.network, PART);
        const [link] = arena.attacker.links;
        if (link) await arena.attacker.say(link, { type: 'headers', headers: branch.slice(-PART) });
        await pause(0);
      }
    }
  }
}

function extend(branch: SealedHeader[], network: Field['arena']['network'], count: number): void {
  const at = (height: number): SealedHeader => (height === 0 ? network.genesis : branch[height - 1]!);
  for (let i = 0; i < count; i++) {
    const parent = at(branch.length);
    const timeMs = parent.header.timeMs + 6 * network.blockTimeMs;
    const header = {
      version: 1,
      height: branch.length + 1,
      previous: parent.id,
      transactionRoot: transactionRoot([]),
      stateRoot: new Uint8Array(randomBytes(32)),
      timeMs,
      bits: expectedBits(network, headerContext(parent, at), timeMs),
      miner: '00'.repeat(20),
    };
    for (;;) {
      const sealed = sealHeader(header, new Uint8Array(randomBytes(20)));
      if (!meetsTarget(sealed.id, header.bits)) continue;
      branch.push(sealed);
      break;
    }
  }
}

/** Transfers behind a nonce that never comes, from every account that it has. */
export class GapFiller extends Attack {
  override readonly name = 'gap-filler';
  override readonly summary = 'well-paid transfers behind a missing nonce fill the mempool';
  override readonly identities = 2;
  #transfers: DecodedTransaction[] = [];

  override async prepare({ arena }: Field): Promise<void> {
    const { network } = arena;
    const { store } = arena.chain;
    const recipient = '11'.repeat(20);
    for (const key of keyPool(100)) {
      const nonce = (store.account(key.address)?.nonce ?? 0) + 2;
      for (let i = 0; i < 16; i++) {
        const memo = { kind: 'none' } as const;
        const tag = networkTag(network.id);
        const body = {
          kind: 'transfer',
          networkTag: tag,
          sender: key.address,
          recipient,
          amount: 1,
          fee: 5_000,
          nonce: nonce + i,
          memo,
        } as const;
        const signature = new Uint8Array(sign('sha256', signedMessage(network.id, body), key.privateKey));
        this.#transfers.push(encodeTransaction({ ...body, signature }));
      }
      await pause(0);
    }
  }

  override async opened(link: HostileLink, { arena }: Field): Promise<void> {
    const messages = this.#transfers.map((transaction) => ({ type: 'transaction', transaction }) as const);
    for (let at = 0; at < messages.length; at += 50) await arena.attacker.say(link, ...messages.slice(at, at + 50));
  }

  override check({ arena }: Field): Promise<void> {
    return arena.expectConfirmedPayment();
  }
}
