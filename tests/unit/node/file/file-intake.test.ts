import type { SqlJsStatic } from 'sql.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { FileSession } from '../../../../src/node/file/file-session.ts';
import { takeBlocks, takeHeaders } from '../../../../src/node/file/file-intake.ts';
import { encodeBlock, encodeSealedHeader, type DecodedBlock } from '../../../../src/protocol/block.ts';
import { testNetwork, testVerifier, transferOf } from '../../../scenarios/support/builders.ts';
import { feed, loadSqlJs, openNode } from '../../chain/support.ts';
import { alex, altered, ming, sampleChain, type Sample } from './support.ts';

const network = testNetwork();
let sqlJs: SqlJsStatic;
let sample: Sample;

beforeAll(async () => {
  sqlJs = await loadSqlJs();
  sample = await sampleChain(sqlJs, network);
});

const headersOf = (blocks: readonly DecodedBlock[]): Uint8Array[] => blocks.map(encodeSealedHeader);
const bytesOf = (blocks: readonly DecodedBlock[]): Uint8Array[] => blocks.map(encodeBlock);

describe('the blocks of a file', () => {
  test('bring an empty chain to the same tip', async () => {
    const { chain } = await openNode(sqlJs, network);
    expect(takeHeaders(chain, headersOf(sample.blocks))).toMatchObject({ status: 'more', accepted: 6, isBehind: true });
    expect(await takeBlocks(chain, bytesOf(sample.blocks))).toEqual({
      status: 'more',
      accepted: 6,
      fresh: 6,
      isBehind: false,
      fault: null,
    });
    expect(chain.tip().id).toBe(sample.blocks.at(-1)!.id);
    expect(await takeBlocks(chain, bytesOf(sample.blocks))).toMatchObject({ accepted: 6, fresh: 0 });
  });

  test('end at a block that breaks a rule; the blocks before it stay', async () => {
    const { chain } = await openNode(sqlJs, network);
    const [first] = sample.blocks;
    const payment = transferOf(network, alex, { to: ming, amount: 1, nonce: 0, overrides: { signature: new Uint8Array(256) } });
    const forged = sample.builder.next(first!, { miner: alex, unexecuted: true, transactions: [payment] });
    expect(takeHeaders(chain, headersOf([first!, forged]))).toMatchObject({ status: 'more', accepted: 2 });
    const fault = { code: 'signature-invalid', height: 2, transaction: 0, table: 'transactions' };
    expect(await takeBlocks(chain, bytesOf([first!, forged]))).toMatchObject({ status: 'refused', accepted: 1, fresh: 1, fault });
    expect(chain.tip().id).toBe(first!.id);
  });

  test('end at a header that breaks a rule', async () => {
    const { chain } = await openNode(sqlJs, network);
    const [first] = sample.blocks;
    const bad = sample.builder.next(first!, { miner: alex, badSeal: true });
    const fault = { code: 'seal-above-target', height: 2, transaction: null };
    expect(takeHeaders(chain, headersOf([first!, bad]))).toMatchObject({ status: 'refused', accepted: 1, isBehind: true, fault });
  });

  test('wait for this device’s clock', async () => {
    const { chain, clock } = await openNode(sqlJs, network);
    clock.nowMs = sample.blocks[2]!.header.timeMs - 2 * network.blockTimeMs;
    expect(takeHeaders(chain, headersOf(sample.blocks))).toMatchObject({ status: 'ahead', accepted: 3, fault: null });
  });

  test('of a lighter branch leave the node as it is', async () => {
    const node = await openNode(sqlJs, network);
    await feed(node, sample.builder.extend(sample.builder.genesis, 8, { miner: ming }));
    expect(takeHeaders(node.chain, headersOf(sample.blocks))).toMatchObject({ status: 'more', isBehind: false });
  });

  test('that do not continue the chain are refused', async () => {
    const { chain } = await openNode(sqlJs, network);
    const fault = { code: 'previous-wrong', height: 4 };
    expect(takeHeaders(chain, headersOf(sample.blocks.slice(3)))).toMatchObject({ status: 'refused', accepted: 0, fault });
    expect(await takeBlocks(chain, bytesOf(sample.blocks.slice(3)))).toMatchObject({ status: 'refused', accepted: 0, fault });
  });

  test('are read up to an altered row', async () => {
    const session = new FileSession({ sql: sqlJs, verifier: testVerifier() }, () => undefined);
    const bytes = altered(sqlJs, sample.node.store.export(), (each) => each.run('UPDATE transactions SET amount = 9 WHERE height = 3'));
    await session.open(new Blob([bytes as Uint8Array<ArrayBuffer>]));
    expect((await session.headers(1)).items).toEqual(headersOf(sample.blocks));
    const fault = { code: 'file-row-altered', height: 3, transaction: 0 };
    expect(await session.blocks(1)).toMatchObject({ items: bytesOf(sample.blocks.slice(0, 2)), fault });
    expect((await session.blocks(4)).items).toEqual(bytesOf(sample.blocks.slice(3)));
  });
});
