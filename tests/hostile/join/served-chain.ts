import { makeStateChunk } from '../../../src/consensus/state-proof.ts';
import { StateTree } from '../../../src/consensus/state-tree.ts';
import type { SealedHeader } from '../../../src/protocol/block.ts';
import type { Network } from '../../../src/protocol/network.ts';
import { snapshotHeight } from '../../../src/protocol/snapshot.ts';
import type { StateChunk } from '../../../src/protocol/state-proof.ts';
import type { AccountState } from '../../../src/protocol/state-root.ts';
import type { ChainTail, WorkSamples } from '../../../src/protocol/work-proof.ts';
import { MAX_HEADERS, type TipClaim } from '../../../src/protocol/wire.ts';
import type { FeedChain } from '../../browser/harness/feeder.ts';
import { HeaderChain, type GrowOptions } from '../../unit/consensus/support/header-chain.ts';

/** A chain as a peer shows it to a newcomer. Null where the peer does not serve. */
export interface ServedChain {
  readonly claim: TipClaim;
  tail(tip: string): ChainTail | null;
  samples(before: string, points: readonly bigint[]): WorkSamples | null;
  chunk(block: string, from: Uint8Array): StateChunk | null;
  headersAfter(locator: readonly string[]): readonly SealedHeader[];
}

/** The arena's honest chain up to the block that was its tip when the arena was opened. */
export function honestChain({ chain }: FeedChain): ServedChain {
  const { sealed, height, work } = chain.tip();
  const chunk = (block: string, from: Uint8Array): StateChunk | null => {
    for (;;) {
      const made = chain.proofs.stateChunk(block, from);
      if (made !== 'later') return made;
    }
  };
  return {
    claim: { height, tip: sealed.id, work, base: 0 },
    tail: (tip) => chain.proofs.tail(tip),
    samples: (before, points) => chain.proofs.samples(before, points),
    chunk,
    headersAfter: (locator) => chain.headersAfter(locator, MAX_HEADERS),
  };
}

/** Height of the first header in the tail of {@link inventedChain}'s default height. */
export const INVENTED = { height: 460, tailFrom: 351 } as const;

export interface Invention {
  readonly height?: number;
  /** How the blocks below the tail grow. */
  readonly below?: GrowOptions;
  /** The accounts after each block. */
  readonly accounts?: readonly AccountState[];
}

/** Units in existence at the snapshot block of an invented chain, in which each block makes one. */
export function inventedSupply(height: number): number {
  return snapshotHeight(height);
}

/** A chain of headers without bodies. Its newest headers obey all rules, so that its tail passes. */
export function inventedChain(network: Network, { height = INVENTED.height, below = {}, accounts = [] }: Invention = {}): ServedChain {
  const tree = StateTree.build(accounts);
  const header = { stateRoot: tree.root };
  const invented = new HeaderChain(network).grow(INVENTED.tailFrom - 1 - (INVENTED.height - height), {
    ...below,
    header: { ...header, ...below.header },
  });
  invented.grow(height - invented.tip.header.height, { header });
  const { tip, headers, works } = invented;
  const rows = new Map(accounts.map((account) => [account.address, account]));
  const heightOf = (id: string): number => headers.findIndex((each) => each.id === id);
  return {
    claim: { height, tip: tip.id, work: works.reduce((sum, work) => sum + work, 0n), base: 0 },
    tail: (id) => (id === tip.id ? invented.tail() : null),
    samples: (before, points) => invented.samples(heightOf(before), points),
    chunk: (_block, from) => makeStateChunk(tree, { account: (address) => rows.get(address) }, from),
    headersAfter: (locator) => {
      const known = locator.find((id) => heightOf(id) > 0);
      return known === undefined ? [] : headers.slice(heightOf(known) + 1);
    },
  };
}
