import { createPublicKey, verify } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkBlock, connectBlock } from '../../../src/consensus/block.ts';
import { checkHeader } from '../../../src/consensus/header.ts';
import { checkReceipt } from '../../../src/consensus/receipt.ts';
import { verifyAccountProof, verifyStateChunk } from '../../../src/consensus/state-proof.ts';
import { StateTree } from '../../../src/consensus/state-tree.ts';
import { checkSamples, checkTail } from '../../../src/consensus/work-proof.ts';
import { createBigIntVerifier } from '../../../src/crypto/rsa/verifier.ts';
import { decodeBlock, readSealedHeader, type SealedHeader } from '../../../src/protocol/block.ts';
import { Reader } from '../../../src/protocol/codec.ts';
import { EMPTY_HISTORY } from '../../../src/protocol/history.ts';
import { createNetwork, parseNetworkLink } from '../../../src/protocol/network.ts';
import { decodeReceipt } from '../../../src/protocol/receipt.ts';
import { decodeAccountProof, decodeStateChunk } from '../../../src/protocol/state-proof.ts';
import { expandBits, workOfBits } from '../../../src/protocol/target.ts';
import { readSamples, readTail } from '../../../src/protocol/work-proof.ts';
import { fromHex } from '../../../src/util/bytes.ts';
import type { TabchainError } from '../../../src/util/errors.ts';
import { MemoryState } from '../../scenarios/support/builders.ts';
import { blockAt, historyBeside, historyPeaks } from './support/second-history.ts';
import * as second from './support/second-implementation.ts';
import { vectorFiles } from './support/vectors.ts';

const directory = new URL('../../vectors/', import.meta.url);
const computed = vectorFiles();

// The files are frozen: changing them changes the protocol. TABCHAIN_WRITE_VECTORS=1 writes them again.
if (process.env['TABCHAIN_WRITE_VECTORS']) {
  for (const [name, content] of Object.entries(computed)) writeFileSync(new URL(name, directory), JSON.stringify(content, null, 2) + '\n');
}

function read<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, directory), 'utf8')) as T;
}

test.each(Object.keys(computed))('the program computes %s', (name) => {
  expect(JSON.parse(JSON.stringify(computed[name]))).toEqual(read(name));
});

/** These tests compare the files with the second implementation only, not with the program. */
describe('a second implementation agrees', () => {
  const { accounts: keys } = read<{ accounts: Record<string, { signing: { modulus: string } }> }>('keys.json');

  test('addresses.json', () => {
    const { accounts } = read<{ accounts: { name: string; address: string; text: string; fingerprint: string }[] }>('addresses.json');
    expect(accounts).toHaveLength(6);
    for (const { name, address, text, fingerprint } of accounts) {
      expect(second.sha256d(second.hex(keys[name]!.signing.modulus)).subarray(0, 20).toString('hex')).toBe(address);
      expect(second.addressText(address)).toBe(text);
      expect(second.sha256(second.hex(address)).toString('hex', 0, 8)).toBe(fingerprint.replaceAll(' ', ''));
    }
  });

  test('networks.json', () => {
    const { networks } = read<{
      networks: {
        parameters: second.Parameters;
        parameterBytes: string;
        genesisHeader: string;
        id: string;
        subsidies: [number, number, number][];
        supplies: [number, number, number, number][];
      }[];
    }>('networks.json');
    for (const { parameters, parameterBytes, genesisHeader, id, subsidies, supplies } of networks) {
      expect(second.parameterBytes(parameters).toString('hex')).toBe(parameterBytes);
      const header = second.headerBytes(second.genesisHeader(parameters));
      expect(header.toString('hex')).toBe(genesisHeader);
      expect(second.seal(second.sha256(header), '00'.repeat(20))).toBe(id);
      const { subsidy, halvingInterval } = parameters;
      expect(subsidies).toHaveLength(18);
      for (const [height, supply, units] of subsidies) {
        const halvings = halvingInterval === 0 ? 0n : BigInt(Math.floor(height / halvingInterval));
        const nominal = BigInt(subsidy) >> halvings;
        const left = 2n ** 53n - 1n - BigInt(supply);
        expect(units).toBe(Number(nominal < left ? nominal : left));
      }
      expect(supplies).toHaveLength(6);
      for (const [height, before, registrations, after] of supplies) {
        expect(second.supplyAfter(parameters, height, before, registrations)).toBe(after);
      }
    }
  });

  test('targets.json', () => {
    const { targets } = read<{ targets: { target: string; bits: string; rounded: string; work: string }[] }>('targets.json');
    for (const { target, bits, rounded, work } of targets) {
      expect(second.bitsOf(BigInt('0x' + target))).toBe(bits);
      expect(second.targetOf(bits)).toBe(BigInt('0x' + rounded));
      expect(2n ** 256n / (second.targetOf(bits) + 1n)).toBe(BigInt(work));
    }
  });

  test('difficulty.json', () => {
    type Row = [number, [string, number | null][], number, string];
    const table = read<{ blockTimeMs: number; powLimitBits: string; rows: Row[] }>('difficulty.json');
    expect(table.rows.length).toBeGreaterThan(200);
    for (const [parentHeight, ancestors, gapMs, bits] of table.rows) {
      expect(second.nextBits({ ...table, parentHeight, ancestors, gapMs })).toBe(bits);
    }
  });

  test('history.json', () => {
    interface ProofVector {
      height: number;
      size: number;
      before: string;
      total: string;
      bytes: string;
    }
    const file = read<{ blocks: { id: string; work: string }[]; roots: string[]; proofs: ProofVector[] }>('history.json');
    const blocks = file.blocks.map(({ id, work }) => ({ id, work: BigInt(work) }));
    expect(file.roots).toEqual(
      [...blocks.keys(), blocks.length].map((size) => second.historyTree(blocks.slice(0, size)).hash.toString('hex')),
    );
    expect(file.proofs.length).toBeGreaterThan(15);
    for (const { height, size, before, total, bytes } of file.proofs) {
      const history = blocks.slice(0, size);
      expect(second.historyProofBytes(second.historySiblings(history, height)).toString('hex')).toBe(bytes);
      expect([before, total]).toEqual([history.slice(0, height), history].map((part) => String(second.historyTree(part).work)));
    }
  });

  test('work-proofs.json', () => {
    interface SampleVector {
      points: string[];
      heights: number[];
      bytes: string;
    }
    const file = read<{ link: string; headers: string[]; tail: string; samples: SampleVector[] }>('work-proofs.json');
    const network = parseNetworkLink(file.link);
    const headers = file.headers.map((bytes) => readSealedHeader(new Reader(fromHex(bytes))));
    const blocks = headers.map(({ id, header }, height) => ({ id, work: height === 0 ? 0n : workOfBits(header.bits) }));
    const hex = (...parts: readonly (Uint8Array | string)[]): string =>
      parts.map((part) => (typeof part === 'string' ? part : Buffer.from(part).toString('hex'))).join('');
    const list = (bytes: readonly string[]): string => hex(second.integer(bytes.length, 2), ...bytes);
    const size = 31;
    const below = blocks.slice(0, size);
    expect(file.tail).toBe(hex(list(file.headers.slice(size)), second.historyProofBytes(historyPeaks(below))));
    const tail = readTail(new Reader(fromHex(file.tail)));
    const { first } = checkTail(network, headers.at(-1)!.id, tail);
    for (const { points, heights, bytes } of file.samples) {
      const given = points.map(BigInt);
      expect([...new Set(given.map((point) => blockAt(below, point)))]).toEqual(heights);
      const nodes = historyBeside(below, [0, ...heights]).map((node) => second.historyProofBytes([node]).subarray(1));
      expect(bytes).toBe(hex(list(heights.map((height) => file.headers[height]!)), list(nodes.map((node) => hex(node)))));
      checkSamples(network, first, given, readSamples(new Reader(fromHex(bytes))));
    }
  });

  function verifies(modulus: string, message: string, signature: string): boolean {
    const key = createPublicKey({ key: { kty: 'RSA', n: second.hex(modulus).toString('base64url'), e: 'AQAB' }, format: 'jwk' });
    return verify('sha256', second.hex(message), key, second.hex(signature));
  }

  type Fields = second.TransferFields &
    second.RegistrationFields & {
      kind: string;
      stamp: string;
      stampHash: string;
      signature: string;
      signedMessage: string;
      bytes: string;
      txid: string;
    };

  test('transactions.json', () => {
    const { networkId, stampBits, transactions } = read<{ networkId: string; stampBits: string; transactions: Fields[] }>(
      'transactions.json',
    );
    const modulusOf = new Map(
      Object.values(keys).map(({ signing: { modulus } }) => [second.sha256d(second.hex(modulus)).toString('hex', 0, 20), modulus]),
    );
    for (const t of transactions) {
      expect(t.networkTag).toBe(networkId.slice(0, 8));
      const body = t.kind === 'transfer' ? second.transferBody(t) : Buffer.concat([second.registrationBody(t), second.hex(t.stamp)]);
      expect(second.signedBytes(networkId, body).toString('hex')).toBe(t.signedMessage);
      const bytes = Buffer.concat([body, second.hex(t.signature)]);
      expect(bytes.toString('hex')).toBe(t.bytes);
      expect(second.sha256d(bytes).toString('hex')).toBe(t.txid);
      const modulus = t.kind === 'transfer' ? modulusOf.get(t.sender)! : t.signingModulus;
      expect(verifies(modulus, t.signedMessage, t.signature)).toBe(true);
      if (t.kind === 'registration') {
        const hash = second.stampHash(networkId, second.registrationBody(t));
        expect(hash.toString('hex')).toBe(t.stampHash);
        expect(BigInt('0x' + second.seal(hash, t.stamp))).toBeLessThanOrEqual(second.targetOf(stampBits));
      }
    }
  });

  interface StateVectors {
    accounts: (second.AccountRow & { key: string; row: string })[];
    roots: string[];
    proofs: { address: string; exists: boolean; bytes: string }[];
    chunks: { from: string; limit: number; bytes: string }[];
  }

  test('state.json', () => {
    const { accounts, roots, proofs, chunks } = read<StateVectors>('state.json');
    for (const account of accounts) {
      expect(second.sha256(second.hex(account.address)).toString('hex')).toBe(account.key);
      expect(second.accountBytes(account).toString('hex')).toBe(account.row);
    }
    expect(roots).toEqual([...roots.keys()].map((count) => second.stateRoot(accounts.slice(0, count))));
    for (const { address, bytes } of proofs) expect(bytes).toBe(second.accountProof(accounts, address));
    expect(proofs.map(({ exists }) => exists)).toEqual(proofs.map(({ address }) => accounts.some((each) => each.address === address)));
    for (const { from, limit, bytes } of chunks) {
      const digits = [...second.hex(from)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
      expect(bytes).toBe(second.stateChunk(accounts, digits, limit));
    }
  });

  interface BlockVector {
    id: string;
    header: second.Header;
    headerHash: string;
    nonce: string;
    txids: string[];
    bytes: string;
    work: string;
    accounts: (second.AccountRow & { row: string })[];
  }
  const chain = read<{ parameters: second.Parameters; networkId: string; blocks: BlockVector[] }>('chain.json');

  test('chain.json: formats, roots, seals, targets, work and supply', () => {
    const { parameters, networkId, blocks } = chain;
    const genesis = second.genesisHeader(parameters);
    const headers = [genesis];
    const history = [{ id: networkId, work: 0n }];
    let [previous, work, supply, registered] = [networkId, 0n, 0, 0];
    for (const { id, header, headerHash, nonce, txids, bytes, work: total, accounts } of blocks) {
      const encoded = second.headerBytes(header);
      expect(bytes.startsWith(encoded.toString('hex') + nonce + second.integer(txids.length, 4).toString('hex'))).toBe(true);
      expect(second.sha256(encoded).toString('hex')).toBe(headerHash);
      expect(second.seal(second.sha256(encoded), nonce)).toBe(id);
      expect(header).toMatchObject({ version: 2, height: headers.length, previous });
      expect(second.historyTree(history).hash.toString('hex')).toBe(header.historyRoot);
      expect(second.merkleRoot(txids.map(second.hex)).toString('hex')).toBe(header.transactionRoot);
      for (const account of accounts) expect(second.accountBytes(account).toString('hex')).toBe(account.row);
      expect(second.stateRoot(accounts)).toBe(header.stateRoot);
      const parent = headers.at(-1)!;
      const gapOf = ({ height, timeMs }: second.Header): number | null => (height > 0 ? timeMs - headers[height - 1]!.timeMs : null);
      const ancestors = headers.toReversed().map((ancestor): [string, number | null] => [ancestor.bits, gapOf(ancestor)]);
      const bits = second.nextBits({ ...parameters, parentHeight: parent.height, ancestors, gapMs: header.timeMs - parent.timeMs });
      expect(header.bits).toBe(bits);
      expect(BigInt('0x' + id)).toBeLessThanOrEqual(second.targetOf(bits));
      const own = 2n ** 256n / (second.targetOf(bits) + 1n);
      history.push({ id, work: own });
      work += own;
      expect(total).toBe(String(work));
      // A registered account stays registered, so each new name is a registration of this block.
      const names = accounts.filter(({ name }) => name !== null).length;
      supply = second.supplyAfter(parameters, header.height, supply, names - registered);
      registered = names;
      expect(header.supply).toBe(supply);
      expect(accounts.reduce((sum, { balance }) => sum + balance, 0)).toBe(supply);
      headers.push(header);
      previous = id;
    }
    // Easing doubles the target of block 20 twice. At block 21 the limit cuts it off, and block 22 falls back to the base.
    const target = (height: number): bigint => second.targetOf(headers[height]!.bits);
    const limit = second.targetOf(parameters.powLimitBits);
    expect(target(20)).toBeGreaterThan(2n * target(19));
    expect(target(20)).toBeLessThan(limit);
    expect(target(21)).toBe(limit);
    expect(target(22)).toBeLessThan(limit);
  });

  test('chain.json: the program connects it from the bytes alone', () => {
    const network = createNetwork({
      ...chain.parameters,
      powLimitBits: Number.parseInt(chain.parameters.powLimitBits, 16),
      stampBits: Number.parseInt(chain.parameters.stampBits, 16),
      startBits: Number.parseInt(chain.parameters.startBits, 16),
    });
    expect(network.id).toBe(chain.networkId);
    const verifier = createBigIntVerifier();
    const headers: SealedHeader[] = [network.genesis];
    let state = new MemoryState();
    let history = EMPTY_HISTORY.append(network.id, 0n);
    for (const { bytes, id } of chain.blocks) {
      const block = decodeBlock(fromHex(bytes), network.maxBlockBytes);
      expect(block.id).toBe(id);
      const parent = headers.at(-1)!;
      const context = { parent, at: (height: number) => headers[height]! };
      checkHeader(network, block, context, () => history.root);
      const effect = connectBlock(network, checkBlock(network, block), parent.header, state, StateTree.build(state.accounts()), verifier);
      state = state.with(effect.changes);
      history = history.append(id, workOfBits(block.header.bits));
      headers.push(block);
    }
  });
});

test('state.json: the program accepts the proofs and chunks from their bytes alone', () => {
  const { roots, proofs, chunks } = read<{
    roots: string[];
    proofs: { address: string; exists: boolean; bytes: string }[];
    chunks: { from: string; bytes: string }[];
  }>('state.json');
  const root = fromHex(roots.at(-1)!);
  for (const { address, exists, bytes } of proofs) {
    expect(verifyAccountProof(root, address, decodeAccountProof(fromHex(bytes))) !== null).toBe(exists);
  }
  for (const { from, bytes } of chunks) verifyStateChunk(root, fromHex(from), decodeStateChunk(fromHex(bytes)));
});

test('networks.json: every link leads to its network', () => {
  for (const { link, id } of read<{ networks: { link: string; id: string }[] }>('networks.json').networks) {
    expect(parseNetworkLink(link).id).toBe(id);
  }
});

describe('receipts.json', () => {
  interface Broken {
    name: string;
    code: string;
    bytes: string;
  }
  const { link, networkId, broken } = read<{ link: string; networkId: string; broken: Broken[] }>('receipts.json');
  const network = parseNetworkLink(link);

  test('belongs to the network of its link', () => expect(network.id).toBe(networkId));

  test.each(broken)('the program refuses a receipt $name', ({ code, bytes }) => {
    let thrown: TabchainError | undefined;
    try {
      checkReceipt(network, decodeReceipt(fromHex(bytes)));
    } catch (error) {
      thrown = error as TabchainError;
    }
    expect(thrown?.code === 'receipt-wrong' ? thrown.details['because'] : thrown?.code).toBe(code);
  });
});

test('targets.json: non-canonical forms are refused', () => {
  for (const bits of read<{ nonCanonical: string[] }>('targets.json').nonCanonical) {
    expect(() => expandBits(Number.parseInt(bits, 16))).toThrow(expect.objectContaining({ code: 'bits-non-canonical' }));
  }
});
