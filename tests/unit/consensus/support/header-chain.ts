import { expectedBits } from '../../../../src/consensus/difficulty.ts';
import { BLOCK_VERSION, headerHash, sealHeader, type BlockHeader, type SealedHeader } from '../../../../src/protocol/block.ts';
import { EMPTY_HISTORY, type History } from '../../../../src/protocol/history.ts';
import type { Network } from '../../../../src/protocol/network.ts';
import { snapshotHeight } from '../../../../src/protocol/snapshot.ts';
import { workOfBits } from '../../../../src/protocol/target.ts';
import type { ChainTail, WorkSamples } from '../../../../src/protocol/work-proof.ts';
import { findNonce, NOBODY } from '../../../scenarios/support/builders.ts';
import { blockAt, historyBeside } from './second-history.ts';

export interface GrowOptions {
  /** Default: one block time. */
  readonly gapMs?: (height: number) => number;
  /** Fields set after all others, before the seal. */
  readonly header?: Partial<BlockHeader>;
  /** False: seals with a nonce that misses the target. */
  readonly sealed?: boolean;
  /** Work with which the history counts the block, if not its own. */
  readonly claim?: bigint;
}

/** A chain of headers without bodies, of which a liar can alter any part. */
export class HeaderChain {
  readonly network: Network;
  readonly headers: SealedHeader[];
  /** Entry n: the history of the first n blocks. */
  readonly histories: History[];
  /** Works as the history counts them. */
  readonly works: bigint[];

  constructor(network: Network) {
    this.network = network;
    this.headers = [network.genesis];
    this.works = [0n];
    this.histories = [EMPTY_HISTORY, EMPTY_HISTORY.append(network.id, 0n)];
  }

  get tip(): SealedHeader {
    return this.headers.at(-1)!;
  }

  /** A copy of the blocks up to a height, to go on otherwise. */
  upTo(height: number): HeaderChain {
    const copy = new HeaderChain(this.network);
    for (const list of ['headers', 'works'] as const) (copy[list] as unknown[]) = this[list].slice(0, height + 1);
    (copy.histories as History[]).splice(0, 2, ...this.histories.slice(0, height + 2));
    return copy;
  }

  grow(count: number, { gapMs = () => this.network.blockTimeMs, header = {}, sealed = true, claim }: GrowOptions = {}): this {
    for (let left = count; left > 0; left--) {
      const { tip } = this;
      const height = tip.header.height + 1;
      const timeMs = tip.header.timeMs + gapMs(height);
      const full: BlockHeader = {
        version: BLOCK_VERSION,
        height,
        previous: tip.id,
        historyRoot: this.histories.at(-1)!.root,
        transactionRoot: new Uint8Array(32),
        stateRoot: new Uint8Array(32),
        timeMs,
        bits: header.bits ?? expectedBits(this.network, { parent: tip, at: (at) => this.headers[at]! }, timeMs),
        supply: height,
        miner: NOBODY,
        ...header,
      };
      this.append(sealHeader(full, findNonce(headerHash(full), full.bits, sealed)), claim);
    }
    return this;
  }

  /** Appends any header. */
  append(sealed: SealedHeader, claim?: bigint): void {
    this.headers.push(sealed);
    this.works.push(claim ?? workOfBits(sealed.header.bits));
    this.histories.push(this.histories.at(-1)!.append(sealed.id, this.works.at(-1)!));
  }

  /** The tail of the block at a height, read from the protocol's text. */
  tail(height = this.tip.header.height): ChainTail {
    const from = snapshotHeight(height) - 33;
    return { headers: this.headers.slice(from, height + 1), history: this.histories[from]!.peaks };
  }

  /** Samples of the first `size` blocks. */
  samples(size: number, points: readonly bigint[]): WorkSamples {
    const below = this.works.slice(0, size).map((work) => ({ work }));
    return this.samplesAt(size, [...new Set(points.map((point) => blockAt(below, point)))]);
  }

  samplesAt(size: number, heights: readonly number[]): WorkSamples {
    const blocks = this.headers.slice(0, size).map(({ id }, height) => ({ id, work: this.works[height]! }));
    const nodes = historyBeside(blocks, [0, ...heights]);
    return { headers: heights.map((height) => this.headers[height]!), nodes };
  }
}
