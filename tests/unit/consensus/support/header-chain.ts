import { expectedBits } from '../../../../src/consensus/difficulty.ts';
import { BLOCK_VERSION, headerHash, sealHeader, type BlockHeader, type SealedHeader } from '../../../../src/protocol/block.ts';
import { EMPTY_HISTORY, type History } from '../../../../src/protocol/history.ts';
import type { Network } from '../../../../src/protocol/network.ts';
import { snapshotHeight } from '../../../../src/protocol/snapshot.ts';
import { workOfBits } from '../../../../src/protocol/target.ts';
import type { ChainTail, WorkSamples } from '../../../../src/protocol/work-proof.ts';
import { findNonce, NOBODY } from '../../../scenarios/support/builders.ts';
import { historyTree } from './second-implementation.ts';

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

  /** Height of the block on which a point falls, in the history of the first `size` blocks. */
  heightAt(point: bigint, size: number): number {
    const at = (point * this.histories[size]!.work) / 2n ** 64n;
    let sum = 0n;
    return this.works.findIndex((work) => (sum += work) > at);
  }

  /** Samples of the first `size` blocks. */
  samples(size: number, points: readonly bigint[]): WorkSamples {
    return this.samplesAt(size, [...new Set(points.map((point) => this.heightAt(point, size)))]);
  }

  samplesAt(size: number, heights: readonly number[]): WorkSamples {
    const blocks = this.headers.slice(0, size).map(({ id }, height) => ({ id, work: this.works[height]! }));
    const shown = [0, ...heights];
    const nodes = (from: number, to: number): WorkSamples['nodes'] => {
      if (!shown.some((height) => height >= from && height < to)) return [historyTree(blocks.slice(from, to))];
      if (to - from === 1) return [];
      const middle = from + 2 ** Math.floor(Math.log2(to - from - 1));
      return [...nodes(from, middle), ...nodes(middle, to)];
    };
    return { headers: heights.map((height) => this.headers[height]!), nodes: nodes(0, size) };
  }
}
