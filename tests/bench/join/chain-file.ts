import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import initSqlJs from 'sql.js';
import type { BlockEffect } from '../../../src/consensus/types.ts';
import type { Network } from '../../../src/protocol/network.ts';
import { workOfBits } from '../../../src/protocol/target.ts';
import { SCHEMA_VERSION } from '../../../src/storage/sql/schema.ts';
import { SqlChainStore } from '../../../src/storage/sql/store.ts';
import { benchNetwork, buildEffects, type ChainPlan } from '../chain-builder.ts';

/** Blocks that one transaction of the database takes. */
const BLOCKS_AT_ONCE = 500;

/** A chain's database as a SQLite file. */
export interface ChainFile {
  readonly network: Network;
  readonly path: string;
  readonly height: number;
  /** Id of the newest block. */
  readonly tip: string;
  readonly bytes: number;
}

/** What the finished file is known by. */
type Facts = Pick<ChainFile, 'height' | 'tip' | 'bytes'>;

/**
 * Makes the database of a plan's chain without checking the blocks again (80 seconds for a million blocks). Later runs on this machine find
 * the file in the folder for temporary files.
 */
export async function chainFile(plan: ChainPlan): Promise<ChainFile> {
  const network = benchNetwork(plan.network);
  const folder = join(tmpdir(), 'tabchain-bench-chains');
  mkdirSync(folder, { recursive: true });
  const { blocks, transactionsPerBlock, blocksPerTransfers = 1, accounts } = plan;
  const name = [network.id.slice(0, 16), SCHEMA_VERSION, blocks, transactionsPerBlock, blocksPerTransfers, accounts].join('-');
  const [path, factsPath] = [join(folder, `${name}.sqlite`), join(folder, `${name}.json`)];
  if (!existsSync(factsPath)) {
    const facts = await make(network, plan, path);
    // Written last, and at once: a file without its facts is not finished.
    writeFileSync(`${factsPath}.new`, JSON.stringify(facts));
    renameSync(`${factsPath}.new`, factsPath);
  }
  return { network, path, ...(JSON.parse(readFileSync(factsPath, 'utf8')) as Facts) };
}

async function make(network: Network, plan: ChainPlan, path: string): Promise<Facts> {
  const store = SqlChainStore.open(await initSqlJs(), network);
  let work = 0n;
  let group: (readonly [BlockEffect, bigint])[] = [];
  const connect = (): void => {
    store.atomically(() => group.forEach(([effect, chainWork]) => store.connect(effect, chainWork)));
    // Otherwise the former bytes of all pages would be kept for a save.
    store.pages().takeDirty();
    group = [];
  };
  for await (const effect of buildEffects(plan)) {
    work += workOfBits(effect.block.header.bits);
    group.push([effect, work]);
    if (group.length === BLOCKS_AT_ONCE) connect();
  }
  connect();
  const pages = store.pages();
  const file = openSync(path, 'w');
  for (let index = 0; index < pages.chunkCount; index++) writeSync(file, pages.chunk(index));
  closeSync(file);
  const height = store.height();
  const facts = { height, tip: store.header(height)!.id, bytes: pages.size };
  store.close();
  return facts;
}
