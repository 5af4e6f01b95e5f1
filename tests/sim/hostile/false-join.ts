import { CONTEXT_HEADERS, expectedBits } from '../../../src/consensus/difficulty.ts';
import { tailStart } from '../../../src/consensus/work-proof.ts';
import { BLOCK_VERSION, transactionRoot, type BlockHeader, type SealedHeader } from '../../../src/protocol/block.ts';
import { History } from '../../../src/protocol/history.ts';
import type { StateChunk } from '../../../src/protocol/state-proof.ts';
import { workOfBits } from '../../../src/protocol/target.ts';
import type { Message } from '../../../src/protocol/wire.ts';
import type { ChainTail, WorkSamples } from '../../../src/protocol/work-proof.ts';
import type { SimLink } from '../engine/links.ts';
import type { Prng } from '../engine/prng.ts';
import { EASIEST_BITS } from '../plan.ts';
import type { World } from '../world.ts';
import type { Forger } from './forge.ts';
import type { JoinEvilKind } from './kinds.ts';
import { say } from './speech.ts';

/** The false chain claims so many times the work of the true chain. */
const BOASTED_TIMES = 3n;
/** Messages that bring blocks. */
const BODIES: ReadonlySet<Message['type']> = new Set(['block', 'blockTransactions', 'compactBlock']);

/** What a false chain claims, and the answers that shall prove it. */
interface Claim {
  readonly height: number;
  readonly tip: string;
  readonly work: bigint;
  tail(): ChainTail | null;
  samples(before: string, points: readonly bigint[]): WorkSamples | null;
}

/** How a hostile tab deceives newcomers who want a recent chain. */
export class FalseJoin {
  readonly #world: World;
  readonly #kind: JoinEvilKind;
  readonly #rng: Prng;
  readonly #forger: () => Forger;
  #claim: Claim | null = null;
  #lastChunk: StateChunk | null = null;

  constructor(world: World, kind: JoinEvilKind, rng: Prng, forger: () => Forger) {
    this.#world = world;
    this.#kind = kind;
    this.#rng = rng;
    this.#forger = forger;
  }

  /** Decides what becomes of a message from the tab's own node: another message, or null for none. */
  replaced(link: SimLink, message: Message): Message | null {
    switch (this.#kind) {
      case 'sample-forger':
        if (message.type !== 'samples' || !message.samples) return message;
        this.#world.count('evil:samples-forged');
        return { ...message, samples: this.#forged(message.samples) };
      case 'account-forger':
        return message.type === 'accounts' && message.chunk ? this.#otherChunk(link, message, message.chunk) : message;
      case 'proof-only':
        if (!BODIES.has(message.type)) return message;
        this.#world.count('evil:proof-only');
        return null;
      case 'false-snapshot':
      case 'other-network':
        return this.#boasting(message);
    }
  }

  /** Whether the hostile part itself has answered a message to the tab's node. */
  answers(link: SimLink, message: Message): boolean {
    const claim = this.#claim;
    if (!claim) return false;
    if (message.type === 'getTail' && message.tip === claim.tip) {
      this.#world.count(`evil:${this.#kind}`);
      say(link, { type: 'tail', tip: message.tip, tail: claim.tail() });
      return true;
    }
    if (message.type !== 'getSamples') return false;
    this.#world.count(`evil:${this.#kind}-sampled`);
    say(link, { type: 'samples', before: message.before, samples: claim.samples(message.before, message.points) });
    return true;
  }

  #forged({ headers, nodes }: WorkSamples): WorkSamples | null {
    const rng = this.#rng;
    const at = rng.int(0, Math.max(0, headers.length - 1));
    const forger = this.#forger();
    return rng.pick<() => WorkSamples | null>([
      () => ({ headers: headers.filter((_, index) => index !== at), nodes }),
      () => ({ headers: headers.toReversed(), nodes }),
      () => ({ headers: headers.with(at, headers[0]!), nodes }),
      () => ({ headers, nodes: nodes.map((node) => ({ ...node, work: node.work + 1n })) }),
      () => ({ headers, nodes: nodes.slice(1) }),
      () => ({ headers: headers.with(at, forger.seal({ ...headers[at]!.header, timeMs: headers[at]!.header.timeMs + 1 })), nodes }),
      () => ({ headers: [], nodes: [] }),
      () => null,
    ])();
  }

  #otherChunk(link: SimLink, message: Extract<Message, { type: 'accounts' }>, chunk: StateChunk): Message | null {
    const rng = this.#rng;
    const { accounts } = chunk;
    const at = rng.int(0, Math.max(0, accounts.length - 1));
    const last = this.#lastChunk ?? chunk;
    this.#lastChunk = chunk;
    this.#world.count('evil:accounts-forged');
    return rng.pick<() => Message | null>([
      () => ({
        ...message,
        chunk: { ...chunk, accounts: accounts.map((each, i) => (i === at ? { ...each, balance: each.balance + 1 } : each)) },
      }),
      () => ({ ...message, chunk: { ...chunk, accounts: accounts.filter((_, i) => i !== at) } }),
      () => ({ ...message, chunk: { ...chunk, right: [] } }),
      () => ({ ...message, chunk: last }),
      () => ({ ...message, chunk: null }),
      () => null,
      () => {
        for (let i = 0; i < 3; i++) say(link, message);
        return message;
      },
      () => message,
    ])();
  }

  #boasting(message: Message): Message {
    if (message.type !== 'hello' && message.type !== 'ping') return message;
    const { height, tip, work } = (this.#claim ??= this.#kind === 'other-network' ? this.#foreign() : this.#invented());
    this.#world.count('evil:false-claim');
    return { ...message, height, tip, work };
  }

  /** The true chain of another network. */
  #foreign(): Claim {
    const { chain } = this.#world.long!.foreign;
    const { height, id, work } = chain.tip();
    return { height, tip: id, work, tail: () => chain.proofs.tail(id), samples: (before, points) => chain.proofs.samples(before, points) };
  }

  /** A true tail on a history that was never mined. Nobody can know in advance which samples a newcomer wants. */
  #invented(): Claim {
    const forger = this.#forger();
    const height = forger.height + this.#rng.int(0, 20);
    const size = tailStart(height)!;
    const peaks = size.toString(2).replaceAll('0', '').length;
    const work = (BOASTED_TIMES * this.#world.long!.main.work) / BigInt(peaks);
    let history = new History(
      size,
      Array.from({ length: peaks }, () => ({ hash: this.#rng.bytes(32), work })),
    );
    const below = history;
    const headers: SealedHeader[] = [];
    const at = (wanted: number): SealedHeader => headers[wanted - size]!;
    while (headers.length <= height - size) {
      const parent = headers.at(-1);
      const timeMs = this.#world.startMs - (height - size - headers.length + 1) * forger.network.blockTimeMs;
      const bits = headers.length < CONTEXT_HEADERS ? EASIEST_BITS : expectedBits(forger.network, { parent: parent!, at }, timeMs);
      const header: BlockHeader = {
        version: BLOCK_VERSION,
        height: size + headers.length,
        previous: parent?.id ?? this.#rng.hex(32),
        historyRoot: history.root,
        transactionRoot: transactionRoot([]),
        stateRoot: this.#rng.bytes(32),
        timeMs,
        bits,
        supply: 1,
        miner: forger.account.address,
      };
      headers.push(forger.seal(header));
      history = history.append(headers.at(-1)!.id, workOfBits(bits));
    }
    const samples = (): WorkSamples | null => (this.#rng.chance(0.5) ? null : { headers: headers.slice(0, 3), nodes: [...below.peaks] });
    return { height, tip: headers.at(-1)!.id, work: history.work, tail: () => ({ headers, history: below.peaks }), samples };
  }
}
