import type { Database, SqlJsStatic } from 'sql.js';
import type { FileReport } from '../../../../src/api/file.ts';
import type { FileNote } from '../../../../src/api/file-service.ts';
import type { BlockEffect } from '../../../../src/consensus/types.ts';
import { FileSession } from '../../../../src/node/file/file-session.ts';
import type { DecodedBlock } from '../../../../src/protocol/block.ts';
import type { Network } from '../../../../src/protocol/network.ts';
import { workOfBits } from '../../../../src/protocol/target.ts';
import { BlockBuilder, registrationOf, testAccount, testVerifier, transferOf } from '../../../scenarios/support/builders.ts';
import { feed, openNode, type TestNode } from '../../chain/support.ts';

export const alex = testAccount('alex');
export const ming = testAccount('ming');

/** A chain of six blocks: two registrations in block 1, transfers in blocks 3 and 5. */
export interface Sample {
  readonly builder: BlockBuilder;
  readonly blocks: readonly DecodedBlock[];
  readonly node: TestNode;
}

export async function sampleChain(sqlJs: SqlJsStatic, network: Network): Promise<Sample> {
  const builder = new BlockBuilder(network);
  const first = builder.next(builder.genesis, {
    miner: alex,
    transactions: [registrationOf(network, alex), registrationOf(network, ming)],
  });
  const second = builder.next(first, { miner: alex });
  const third = builder.next(second, {
    miner: ming,
    // The decoder that sql.js uses for text drops the first character of this memo.
    transactions: [0, 1].map((nonce) => transferOf(network, alex, { to: ming, amount: 7 + nonce, fee: 400, nonce, memo: '\ufefftea' })),
  });
  const fourth = builder.next(third, { miner: alex });
  const fifth = builder.next(fourth, { miner: alex, transactions: [transferOf(network, alex, { to: ming, amount: 1, nonce: 2 })] });
  const blocks = [first, second, third, fourth, fifth, builder.next(fifth, { miner: ming })];
  const node = await openNode(sqlJs, network);
  await feed(node, blocks);
  return { builder, blocks, node };
}

/** Appends a block to a node's database without any check, as a forger would. */
export function forge(node: TestNode, block: DecodedBlock): void {
  const work = node.chain.tip().work + workOfBits(block.header.bits);
  node.store.atomically(() =>
    node.store.connect({ block, grants: block.transactions.map(() => 0), subsidy: 0, changes: [] } as unknown as BlockEffect, work),
  );
}

/** The bytes of a database after `change`. */
export function altered(sqlJs: SqlJsStatic, file: Uint8Array, change: (database: Database) => void): Uint8Array {
  const database = new sqlJs.Database(file);
  try {
    database.run('PRAGMA ignore_check_constraints = ON');
    change(database);
    return database.export();
  } finally {
    database.close();
  }
}

/** Checks a file as the worker does. */
export async function check(sqlJs: SqlJsStatic, file: Uint8Array, notes: FileNote[] = []): Promise<Omit<FileReport, 'relation'>> {
  const session = new FileSession({ sql: sqlJs, verifier: testVerifier() }, (note) => notes.push(note));
  const opened = await session.open(new Blob([file as Uint8Array<ArrayBuffer>]));
  return 'valid' in opened ? opened : session.check();
}
