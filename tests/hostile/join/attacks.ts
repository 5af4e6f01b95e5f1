import type { Status } from '../../../src/api/api.ts';
import { createNetwork } from '../../../src/protocol/network.ts';
import type { Message, TipClaim } from '../../../src/protocol/wire.ts';
import type { Arena } from '../arena.ts';
import { generous, JoinAttack } from './join-attack.ts';
import { honestChain, inventedChain, inventedSupply, type ServedChain } from './served-chain.ts';

/** Work 64: what the blocks below a tail may claim without an honest ancestor. */
const HEAVY_BITS = 0x2003ffff;
/** Shorter than the honest chain, and long enough that a newcomer joins. */
const SHORT = 350;

/** A chain whose samples are lies. Nothing else of it is ever asked for. */
abstract class FalseSamples extends JoinAttack {
  protected override answers(message: Message): readonly Message[] {
    if (message.type === 'getSamples') this.told = true;
    return message.type === 'getHeaders' ? [{ type: 'headers', headers: [] }] : super.answers(message);
  }
}

export class UnsealedBlocks extends FalseSamples {
  override readonly summary = 'a chain of much work, whose old headers do not meet their targets';

  protected override makeChain(): ServedChain {
    return inventedChain(this.arena.network, { below: { sealed: false, header: { bits: HEAVY_BITS } } });
  }
}

export class LyingWorks extends FalseSamples {
  override readonly summary = 'a chain whose history counts its old blocks with fifty times their work';

  protected override makeChain(): ServedChain {
    return inventedChain(this.arena.network, { below: { claim: 100n } });
  }
}

export class OtherNetwork extends FalseSamples {
  override readonly summary = 'a valid chain of another network with the same rules';

  protected override makeChain(): ServedChain {
    return inventedChain(createNetwork({ ...this.arena.network, label: 'other' }));
  }
}

/** Claims more work than its chain has. An honest peer's chain may change, too, so this is no breach. */
export class Overstater extends JoinAttack {
  override readonly summary = 'the honest chain, with a claim of a thousand times its work';
  override readonly isBreach = false;

  protected override makeChain(): ServedChain {
    return honestChain(this.arena.chain);
  }

  override get claim(): TipClaim {
    return { ...super.claim, work: 1_000n * super.claim.work };
  }

  protected override answers(message: Message): readonly Message[] {
    if (message.type === 'getTail') this.told = true;
    return super.answers(message);
  }
}

/** A valid proof of less work, with accounts that nobody has. No check can prove that its headers have no bodies. */
abstract class PoorChain extends JoinAttack {
  override readonly isBreach = false;
  /** What the attacker owns. */
  protected abstract readonly balance: number;

  protected override makeChain(): ServedChain {
    const accounts = [{ address: 'ab'.repeat(20), balance: this.balance, nonce: 0, registration: null }];
    return inventedChain(this.arena.network, { height: SHORT, accounts });
  }
}

/** Alone with the liar, a newcomer cannot know better, but must follow more work when it comes. */
export class PoorSnapshot extends PoorChain {
  override readonly summary = 'a shorter chain with valid headers, where the attacker owns all coins';
  protected override readonly balance = inventedSupply(SHORT);

  override reached({ chain: { base } }: Status): boolean {
    return base > 0;
  }
}

export class RichSnapshot extends PoorChain {
  override readonly summary = 'a shorter chain with valid headers, where the attacker owns more coins than there are';
  protected override readonly balance = 1_000 * inventedSupply(SHORT);

  protected override chunkAnswers(honest: Extract<Message, { type: 'accounts' }>): readonly Message[] {
    this.told = true;
    return [honest];
  }
}

/** Tells the truth about the honest chain, up to its accounts. */
abstract class Turncoat extends JoinAttack {
  protected override makeChain(): ServedChain {
    return honestChain(this.arena.chain);
  }
}

export class WrongChunk extends Turncoat {
  override readonly summary = 'the honest chain, with accounts that are a little richer';

  protected override chunkAnswers(honest: Extract<Message, { type: 'accounts' }>): readonly Message[] {
    this.told = true;
    return [{ ...honest, chunk: honest.chunk && generous(honest.chunk) }];
  }
}

export class WithheldChunk extends Turncoat {
  override readonly summary = 'the honest chain, and no answer to the request for its accounts';
  override readonly isBreach = false;

  protected override chunkAnswers(): readonly Message[] {
    this.told = true;
    return [];
  }
}

export class RepeatedChunks extends Turncoat {
  override readonly summary = 'the honest chain, with each chunk of accounts fifty times';
  override readonly isBreach = false;

  protected override chunkAnswers(honest: Extract<Message, { type: 'accounts' }>): readonly Message[] {
    this.told = true;
    return Array.from({ length: 50 }, () => honest);
  }
}

/** All bodies are missing in each of these attacks. Here nothing else is wrong. */
export class NoBodies extends Turncoat {
  override readonly summary = 'the honest chain with its accounts, and no block';
  override readonly isBreach = false;

  override reached({ chain: { base } }: Status): boolean {
    return base > 0;
  }
}

/** All attacks on a newcomer. Attacks have state, so each run needs a new one. */
export const JOIN_ATTACKS: Readonly<Record<string, new (arena: Arena) => JoinAttack>> = {
  'join-unsealed': UnsealedBlocks,
  'join-lying-works': LyingWorks,
  'join-other-network': OtherNetwork,
  'join-overstated': Overstater,
  'join-poor-snapshot': PoorSnapshot,
  'join-rich-snapshot': RichSnapshot,
  'join-wrong-chunk': WrongChunk,
  'join-withheld-chunk': WithheldChunk,
  'join-repeated-chunks': RepeatedChunks,
  'join-no-bodies': NoBodies,
};
