import type { SqlJsStatic } from 'sql.js';
import type { DecodedBlock } from '../../src/protocol/block.ts';
import type { Network } from '../../src/protocol/network.ts';
import type { DecodedTransaction } from '../../src/protocol/transaction.ts';
import { BlockBuilder, registrationOf, testAccount, testNetwork, transferOf } from '../scenarios/support/builders.ts';
import { feed, openNode } from '../unit/chain/support.ts';

/** 256 expected hashes for a block: altered headers miss the target. */
const POW_LIMIT_BITS = 0x2000ffff;
/** 4,096 expected hashes. */
const START_BITS = 0x1f0fffff;
const SEALED_MEMO_BYTES = 256;
/** An address that never registers. */
const STRANGER = '5a'.repeat(20);
/** Gaps between blocks, in block times: fast blocks, slow blocks, and blocks that come so late that their target is eased. */
const GAPS = [1, 0.1, 0.4, 2, 0.2, 9, 0.3, 14.5, 1, 0.05, 30];

const [alex, ming, wu, lin] = (['alex', 'ming', 'wu', 'lin'] as const).map(testAccount) as [
  ReturnType<typeof testAccount>,
  ReturnType<typeof testAccount>,
  ReturnType<typeof testAccount>,
  ReturnType<typeof testAccount>,
];

/** A chain and the file that a node exports after receiving it. */
export interface ExportedChain {
  readonly network: Network;
  readonly builder: BlockBuilder;
  /** The active chain without genesis. The last block pays once. */
  readonly blocks: readonly DecodedBlock[];
  readonly file: Uint8Array;
}

/** A network whose subsidy halves often, until a block mints nothing. */
export function halvingNetwork(): Network {
  return testNetwork({ label: 'halving', powLimitBits: POW_LIMIT_BITS, subsidy: 1_000_000, halvingInterval: 3 });
}

/** A network that begins far above the lowest difficulty and gives each new account coins. */
export function grantNetwork(): Network {
  return testNetwork({ label: 'grant', powLimitBits: POW_LIMIT_BITS, startBits: START_BITS, subsidy: 300_000, grant: 500_000 });
}

/** Transactions of the first blocks: registrations, payments with every kind of memo, to oneself, and to a stranger. */
function openingBusiness(network: Network): DecodedTransaction[][] {
  const sealed = { kind: 'sealed', ciphertext: new Uint8Array(SEALED_MEMO_BYTES).fill(7) } as const;
  return [
    [registrationOf(network, alex), registrationOf(network, ming)],
    [transferOf(network, alex, { to: ming, amount: 250_000, fee: 10, nonce: 0, memo: '\ufeff茶 🍵' }), registrationOf(network, wu)],
    [
      transferOf(network, alex, { to: ming, amount: 1_000, nonce: 1, memo: sealed }),
      transferOf(network, alex, { to: alex, amount: 5, fee: 1, nonce: 2 }),
      transferOf(network, ming, { to: STRANGER, amount: 77, fee: 2, nonce: 0 }),
    ],
    [],
    [transferOf(network, ming, { to: wu, amount: 99, nonce: 1 }), registrationOf(network, lin)],
  ];
}

/** Builds a chain of `length` blocks, feeds it to a node after a weaker branch, and exports the node's database. */
export async function exportChain(sqlJs: SqlJsStatic, network: Network, length: number): Promise<ExportedChain> {
  const builder = new BlockBuilder(network);
  const business = openingBusiness(network);
  const miners = [alex, ming, STRANGER];
  const blocks: DecodedBlock[] = [];
  let tip = builder.genesis;
  for (let at = 0; at < length; at++) {
    const timeMs = tip.header.timeMs + network.blockTimeMs * GAPS[at % GAPS.length]!;
    const isLast = at === length - 1;
    const transactions = isLast ? [transferOf(network, alex, { to: wu, amount: 3, fee: 1, nonce: 3, memo: 'last' })] : business[at];
    tip = builder.next(tip, { miner: miners[at % miners.length]!, transactions: transactions ?? [], timeMs });
    blocks.push(tip);
  }
  const node = await openNode(sqlJs, network);
  await feed(node, [...blocks.slice(0, 2), ...builder.extend(blocks[1]!, 2, { miner: lin, variant: 1 << 20 }), ...blocks.slice(2)]);
  if (node.chain.tip().id !== tip.id) throw new Error('The node did not follow the chain.');
  return { network, builder, blocks, file: node.store.export() };
}
