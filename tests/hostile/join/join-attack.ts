import type { StateChunk } from '../../../src/protocol/state-proof.ts';
import type { Message, TipClaim } from '../../../src/protocol/wire.ts';
import type { Status } from '../../../src/api/api.ts';
import type { Arena } from '../arena.ts';
import type { HostileLink } from '../attacker.ts';
import type { ServedChain } from './served-chain.ts';

/** A peer that lures a newcomer: it serves a chain like an honest peer, except for the lie of its subclass, and never serves a body. */
export abstract class JoinAttack {
  /** Description of the attack for people. */
  abstract readonly summary: string;
  /** Whether the attack is a provable breach, after which the newcomer must end the link. */
  readonly isBreach: boolean = true;
  protected readonly arena: Arena;
  /** Whether the newcomer has got the lie. */
  protected told = false;
  #served: ServedChain | null = null;

  constructor(arena: Arena) {
    this.arena = arena;
  }

  /** The chain that the peer pretends to have. */
  protected abstract makeChain(): ServedChain;

  protected get served(): ServedChain {
    return (this.#served ??= this.makeChain());
  }

  /** Makes the chain, before anybody waits for answers. */
  prepare(): void {
    void this.served;
  }

  get claim(): TipClaim {
    return this.served.claim;
  }

  /** Whether the newcomer, alone with the liar, has got what the attack is about. The honest tabs return then. */
  reached(_newcomer: Status): boolean {
    return this.told;
  }

  async heard(link: HostileLink, message: Message): Promise<void> {
    for (const answer of this.answers(message)) await this.arena.attacker.say(link, answer);
  }

  protected answers(message: Message): readonly Message[] {
    const { served } = this;
    switch (message.type) {
      case 'ping':
        return [{ type: 'pong', nonce: message.nonce, clockMs: Date.now() }];
      case 'getTail':
        return [{ type: 'tail', tip: message.tip, tail: served.tail(message.tip) }];
      case 'getSamples':
        return [{ type: 'samples', before: message.before, samples: served.samples(message.before, message.points) }];
      case 'getAccounts': {
        const { block, from } = message;
        return this.chunkAnswers({ type: 'accounts', block, from, chunk: served.chunk(block, from) });
      }
      case 'getHeaders':
        return [{ type: 'headers', headers: served.headersAfter(message.locator) }];
      case 'getData':
        return [{ type: 'notFound', kind: message.kind, ids: message.ids }];
      default:
        return [];
    }
  }

  /** What the peer sends in place of an honest answer. */
  protected chunkAnswers(honest: Extract<Message, { type: 'accounts' }>): readonly Message[] {
    return [honest];
  }
}

/** The same chunk with more money in each account. */
export function generous(chunk: StateChunk): StateChunk {
  return { ...chunk, accounts: chunk.accounts.map((account) => ({ ...account, balance: account.balance + 1_000 })) };
}
