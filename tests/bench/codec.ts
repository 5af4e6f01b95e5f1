import { merkleRoot } from '../../src/crypto/merkle.ts';
import { decodeBlock, encodeBlock, type DecodedBlock } from '../../src/protocol/block.ts';
import { fromHex } from '../../src/util/bytes.ts';
import { benchNetwork, buildChain } from './chain-builder.ts';
import type { Bench, Benchmark } from './framework/benchmark.ts';
import { alternate, median, medianRatio } from './framework/measure.ts';
import { ownProcessorMs } from './framework/processor-time.ts';

const ROUNDS = 15;
const TRANSACTIONS = 1_000;
const MAX_BLOCK_BYTES = 1024 * 1024;

async function blockOf(transactions: number): Promise<DecodedBlock> {
  const plan = { blocks: 1, transactionsPerBlock: transactions, accounts: 50, network: { maxBlockBytes: MAX_BLOCK_BYTES } };
  let last = benchNetwork(plan.network).genesis;
  for await (const block of buildChain(plan)) last = block;
  return last;
}

/** Milliseconds of processor time of one call. */
function timed(action: () => unknown): () => number {
  return () => {
    const before = ownProcessorMs();
    action();
    return ownProcessorMs() - before;
  };
}

/** The reference: JSON with bytes in Base64. */
const replacer = (_key: string, value: unknown): unknown => (value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value);

async function run(bench: Bench): Promise<void> {
  const block = await blockOf(TRANSACTIONS);
  const bytes = encodeBlock(block);
  const plain = block.transactions.map(({ transaction }) => transaction);
  const json = JSON.stringify(plain, replacer);
  const ids = block.transactions.map(({ id }) => fromHex(id));
  const samples = await alternate(
    {
      encode: timed(() => encodeBlock(block)),
      decode: timed(() => decodeBlock(bytes, MAX_BLOCK_BYTES)),
      merkle: timed(() => merkleRoot(ids)),
      jsonEncode: timed(() => JSON.stringify(plain, replacer)),
      jsonDecode: timed(() => JSON.parse(json)),
    },
    ROUNDS,
  );
  const parts = Object.entries(samples).map(([name, values]) => `${name} ${median(values).toFixed(2)} ms`);
  bench.note(`a block of ${TRANSACTIONS} transfers, ${bytes.length} bytes (JSON ${json.length}): ${parts.join(', ')}`);
  bench.figure('bytes_over_json', bytes.length / json.length);
  bench.figure('encode_over_json', medianRatio(samples, 'encode', 'jsonEncode'));
  // Decoding hashes every transaction twice for its id, which JSON.parse does not.
  bench.figure('decode_ms_per_1000', median(samples['decode']!));
}

export const codec: Benchmark = { name: 'codec', summary: 'canonical encoding and decoding of a block in Node, compared with JSON', run };
