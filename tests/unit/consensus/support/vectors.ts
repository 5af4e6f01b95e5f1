import { expectedBits } from '../../../../src/consensus/difficulty.ts';
import { addressFingerprint, addressText } from '../../../../src/crypto/address.ts';
import { sha256 } from '../../../../src/crypto/hash.ts';
import { encodeBlock, encodeHeader, headerHash, sealHeader, type DecodedBlock, type SealedHeader } from '../../../../src/protocol/block.ts';
import { mintingOf } from '../../../../src/protocol/minting.ts';
import { createNetwork, encodeParameters, formatNetworkLink, subsidyAt, type Network } from '../../../../src/protocol/network.ts';
import { Writer } from '../../../../src/protocol/codec.ts';
import { merkleSplit } from '../../../../src/crypto/merkle.ts';
import { EMPTY_HISTORY, historyLeaf, historyNode, type HistoryNode } from '../../../../src/protocol/history.ts';
import { checkHistoryProof, proveHistory, writeHistoryProof } from '../../../../src/protocol/history-proof.ts';
import { makeStateChunk, proveAccount } from '../../../../src/consensus/state-proof.ts';
import { StateTree } from '../../../../src/consensus/state-tree.ts';
import { encodeAccountProof, encodeStateChunk } from '../../../../src/protocol/state-proof.ts';
import { encodeStateRow, stateKey, stateRow, type AccountState } from '../../../../src/protocol/state-root.ts';
import { compactBits, expandBits, workOfBits } from '../../../../src/protocol/target.ts';
import { signedMessage, type DecodedTransaction } from '../../../../src/protocol/transaction.ts';
import { stampHash } from '../../../../src/protocol/transactions/registration.ts';
import { fromHex, toHex } from '../../../../src/util/bytes.ts';
import {
  BlockBuilder,
  MemoryState,
  NOBODY,
  registrationOf,
  testAccount,
  transferOf,
  TRIVIAL_BITS,
  type TestAccount,
} from '../../../scenarios/support/builders.ts';
import { receiptVectors } from './receipt-vectors.ts';
import { rowOf } from './rows.ts';
import { workProofs } from './work-vectors.ts';

/** The vector files of the project's own formats, computed from fixed inputs. */
export function vectorFiles(): Record<string, object> {
  return {
    'networks.json': networks(),
    'addresses.json': addresses(),
    'targets.json': targets(),
    'difficulty.json': difficulty(),
    'transactions.json': transactions(),
    'state.json': state(),
    'chain.json': chain(),
    'history.json': histories(),
    'receipts.json': receipts(),
    'work-proofs.json': workProofs(VECTOR_NETWORK),
  };
}

const hexBits = (bits: number): string => bits.toString(16).padStart(8, '0');

const NETWORKS = [
  {},
  { label: 'demo' },
  {
    label: 'class-7b',
    blockTimeMs: 5_000,
    subsidy: 12_500_000,
    halvingInterval: 1_000,
    maxBlockBytes: 65_536,
    powLimitBits: 0x1f00ffff,
    stampBits: 0x1f03ffff,
    genesisTimeMs: 1_800_000_000_123,
    startBits: 0x1d1fffff,
    grant: 100_000_000,
  },
  // The easiest target is the default, but the start is not.
  { label: 'easy', startBits: 0x1e0fffff },
  // The start follows from the easiest target.
  { label: 'brief', subsidy: 1_000_000_000_000_000, grant: 1_000_000_000_000_000, powLimitBits: TRIVIAL_BITS, stampBits: TRIVIAL_BITS },
];

function parametersOf(network: Network): object {
  const { label, blockTimeMs, subsidy, halvingInterval, maxBlockBytes, powLimitBits, stampBits, genesisTimeMs, startBits, grant } = network;
  return {
    label,
    blockTimeMs,
    subsidy,
    halvingInterval,
    maxBlockBytes,
    powLimitBits: hexBits(powLimitBits),
    stampBits: hexBits(stampBits),
    genesisTimeMs,
    startBits: hexBits(startBits),
    grant,
  };
}

function networks(): object {
  return {
    description:
      'Network parameters, their canonical bytes, the link that names them, the genesis header, and its id, which is the network id. ' +
      'subsidies: [height, units in existence before the reward, units that the reward mints]. ' +
      'supplies: [height, units in existence before that block, its registrations, units in existence after it].',
    networks: NETWORKS.map(createNetwork).map((network) => ({
      parameters: parametersOf(network),
      link: formatNetworkLink(network),
      parameterBytes: toHex(encodeParameters(network)),
      genesisHeader: toHex(encodeHeader(network.genesis.header)),
      id: network.id,
      subsidies: [1, 999, 1_000, 1_999, 2_000, 0xffffffff].flatMap((height) =>
        [0, 9_007_199_204_740_992, 2 ** 53 - 1].map((supply) => [height, supply, subsidyAt(network, height, supply)]),
      ),
      supplies: [
        [1, 0, 0],
        [1, 0, 64],
        [1_000, 123_456_789, 2],
        [2_000, 9_007_199_000_000_000, 3],
        [2_001, 2 ** 53 - 2, 1],
        [2_002, 2 ** 53 - 1, 1],
      ].map(([height, supply, count]) => {
        const registrations = Array.from({ length: count! }, () => registrationOf(VECTOR_NETWORK, testAccount('alex')));
        return [height, supply, count, mintingOf(network, { height: height! - 1, supply: supply! }, registrations).supply];
      }),
    })),
  };
}

const NAMES = ['alex', 'ming', 'wu', 'lin', 'kai', 'zoe'] as const;

function addresses(): object {
  return {
    description: 'Addresses of the accounts of keys.json: 20 bytes, bech32m text, and fingerprint for comparing aloud.',
    accounts: NAMES.map(testAccount).map(({ name, address }) => ({
      name,
      address,
      text: addressText(address),
      fingerprint: addressFingerprint(address),
    })),
  };
}

function targets(): object {
  const values = [1n, 0x7fn, 0x80n, 0x8000n, 0x123456n, 0x800000n, 0x12345678n, (1n << 224n) - 1n, 0x7fffffn << 232n, (1n << 256n) - 1n];
  return {
    description: 'Targets (hexadecimal), the compact form that each is rounded down to, what that stands for, and its work (decimal).',
    targets: values.map((target) => {
      const bits = compactBits(target);
      return {
        target: target.toString(16),
        bits: hexBits(bits),
        rounded: expandBits(bits).toString(16),
        work: String(workOfBits(bits)),
      };
    }),
    nonCanonical: ['00000000', '1d000000', '04923456', '1d0000ff', '01120001', '21010000', 'ff7fffff', '00000001'],
  };
}

function difficulty(): object {
  const network = createNetwork();
  const T = network.blockTimeMs;
  const limit = network.powLimitBits;
  const rows: object[] = [];
  /** @param ancestors bits of the parent, its parent, …, and the time since the block's own parent */
  const row = (parentHeight: number, ancestors: (readonly [bits: number, gapMs: number | null])[], gapMs: number): void => {
    const parentMs = network.genesisTimeMs + 604_800_000_000;
    const at = (height: number): SealedHeader => {
      const below = parentHeight - height;
      const agoMs = ancestors.slice(0, below).reduce((sum, [, gap]) => sum + gap!, 0);
      // The last given ancestor's parent is only a time.
      const bits = ancestors[below]?.[0] ?? limit;
      return sealHeader({ ...network.genesis.header, height, timeMs: parentMs - agoMs, bits }, new Uint8Array(20));
    };
    const bits = expectedBits(network, { parent: at(parentHeight), at }, parentMs + gapMs);
    rows.push([parentHeight, ancestors.map(([of, gap]) => [hexBits(of), gap]), gapMs, hexBits(bits)]);
  };
  const solves = [1, 1_000, 7_500, T - 1, T, T + 1, 22_222, 3 * T, 8 * T - 1, 8 * T, 9 * T, 20 * T, 20 * T + 1, 31 * T];
  const gaps = [1, T, 8 * T - 1, 8 * T, 9 * T, 31 * T, 604_800_000];
  for (const bits of [limit, 0x1d3fffff, 0x1b3cafe5, 0x01010000]) {
    for (const gapMs of gaps) row(0, [[bits, null]], gapMs);
    for (const solveMs of solves) {
      const ancestors = [[bits, solveMs] as const, [bits, T] as const];
      for (const gapMs of gaps) if (gapMs === T || (solveMs + gapMs) % 3 === 0) row(100, ancestors, gapMs);
    }
    for (const height of [2, 3, 30, 31, 32, 33, 0xfffffffe]) {
      for (const solveMs of [1, 2 * T, 7 * T]) row(height, [[bits, solveMs] as const, [bits, T] as const], 1);
    }
    // Blocks whose easing the limit cut off, on a block with these bits, at a mature height and down to genesis.
    for (const count of bits === 0x1b3cafe5 ? [1, 2, 31, 32, 33] : [1, 2]) {
      const cut = Array.from({ length: count }, (_, i) => [limit, (60 + i) * T] as const);
      row(200, [...cut, [bits, 2 * T], [bits, T]], 1);
      row(count, [...cut, [bits, null]], 1);
    }
  }
  return {
    description:
      'Compact target of a block: [height of its parent, ancestors, time of the block less that of its parent in ms, bits of the block]. ' +
      'Ancestors: the parent, its parent, and so on, each as [bits, time of that block less that of its own parent in ms, null for genesis].',
    blockTimeMs: T,
    powLimitBits: hexBits(network.powLimitBits),
    rows,
  };
}

function histories(): object {
  // Works of every length, from genesis' 0 to more than 128 bits.
  const blocks = Array.from({ length: 20 }, (_, i) => ({ id: toHex(sha256(Uint8Array.of(i))), work: i === 0 ? 0n : 7n ** BigInt(3 * i) }));
  const all = [EMPTY_HISTORY];
  for (const { id, work } of blocks) all.push(all.at(-1)!.append(id, work));
  const subtree = (from: number, to: number): HistoryNode =>
    to - from === 1
      ? historyLeaf(blocks[from]!.id, blocks[from]!.work)
      : historyNode(subtree(from, from + merkleSplit(to - from)), subtree(from + merkleSplit(to - from), to));
  return {
    description:
      'Blocks by height with their own works (decimal; the ids are made up), the roots of the histories of 0, 1, 2, … blocks, and proofs: ' +
      'the block at a height in a history of size blocks, the work before it, the work of the whole history, and the bytes of the proof.',
    blocks: blocks.map(({ id, work }) => ({ id, work: String(work) })),
    roots: all.map(({ root }) => toHex(root)),
    proofs: [1, 2, 3, 7, 8, 13, 20].flatMap((size) =>
      [...new Set([0, size >> 1, size - 1])].map((height) => {
        const proof = proveHistory(height, size, subtree);
        const writer = new Writer();
        writeHistoryProof(writer, proof);
        const { before, total } = checkHistoryProof(all[size]!.root, size, { height, ...blocks[height]! }, proof);
        return { height, size, before: String(before), total: String(total), bytes: toHex(writer.finish()) };
      }),
    ),
  };
}

const VECTOR_NETWORK = createNetwork({
  label: 'vectors',
  blockTimeMs: 1_000,
  subsidy: 1_000_000,
  halvingInterval: 4,
  grant: 700_000,
  powLimitBits: TRIVIAL_BITS,
  stampBits: 0x2000ffff,
});

function transactionFields({ transaction, bytes, id }: DecodedTransaction): object {
  const message = toHex(signedMessage(VECTOR_NETWORK.id, transaction));
  const common = { networkTag: hexBits(transaction.networkTag), signature: toHex(transaction.signature), signedMessage: message };
  if (transaction.kind === 'transfer') {
    const { kind, sender, recipient, amount, fee, nonce, memo } = transaction;
    const plainMemo = memo.kind === 'sealed' ? { kind: memo.kind, ciphertext: toHex(memo.ciphertext) } : memo;
    return { kind, sender, recipient, amount, fee, nonce, memo: plainMemo, ...common, bytes: toHex(bytes), txid: id };
  }
  const { kind, name, signingModulus, encryptionModulus, stamp } = transaction;
  return {
    kind,
    name,
    signingModulus: toHex(signingModulus),
    encryptionModulus: toHex(encryptionModulus),
    stampHash: toHex(stampHash(VECTOR_NETWORK.id, transaction)),
    stamp: toHex(stamp),
    ...common,
    bytes: toHex(bytes),
    txid: id,
  };
}

function transactions(): object {
  const [alex, ming] = [testAccount('alex'), testAccount('ming')];
  const sealed = { kind: 'sealed', ciphertext: new Uint8Array(256).fill(0x5e) } as const;
  return {
    description:
      'Transactions, field by field, with what is stamped and signed (keys in keys.json). The sealed memo is no real ciphertext.',
    networkId: VECTOR_NETWORK.id,
    stampBits: hexBits(VECTOR_NETWORK.stampBits),
    transactions: [
      registrationOf(VECTOR_NETWORK, alex),
      registrationOf(VECTOR_NETWORK, ming, { name: 'a2345678901234567890' }),
      transferOf(VECTOR_NETWORK, alex, { to: ming, amount: 1, nonce: 0 }),
      transferOf(VECTOR_NETWORK, alex, { to: NOBODY, amount: 2 ** 53 - 2, fee: 1, nonce: 0xffffffff, memo: '午餐 🍜 lunch' }),
      transferOf(VECTOR_NETWORK, ming, { to: ming, amount: 12_500_000, fee: 322, nonce: 7, memo: sealed }),
    ].map(transactionFields),
  };
}

/** The keys of the first two agree in their first 21 bits. */
const PLAIN = ['0000000000000000000000000000000000000001', '000000000000000000000000000000000001d7fa', NOBODY, 'ff'.repeat(20)];

function state(): object {
  const registered = NAMES.map(testAccount).map(({ address, name, signingModulus, encryptionModulus }, index): AccountState => ({
    address,
    balance: index * 1_000_000,
    nonce: index,
    registration: { name, signingModulus, encryptionModulus },
  }));
  const plain = PLAIN.map((address, index): AccountState => ({ address, balance: 2 ** (17 * index), nonce: 0, registration: null }));
  const accounts = [...registered, ...plain];
  const tree = StateTree.build(accounts);
  const view = new MemoryState(accounts);
  const chunk = (from: string, limit: number): object => {
    return { from, limit, bytes: toHex(encodeStateChunk(makeStateChunk(tree, view, fromHex(from), limit))) };
  };
  return {
    description:
      'Accounts; the state root of the first n of them, for each n; proofs about accounts that exist and that do not, and chunks, all for ' +
      'the state with all accounts.',
    accounts: accounts.map((account) => ({
      ...rowOf(account),
      key: toHex(stateKey(account.address)),
      row: toHex(encodeStateRow(stateRow(account))),
    })),
    roots: [...Array(accounts.length + 1).keys()].map((count) => toHex(StateTree.build(accounts.slice(0, count)).root)),
    proofs: [...accounts.map(({ address }) => address), '12'.repeat(20), 'ab'.repeat(20)].map((address) => ({
      address,
      exists: view.account(address) !== undefined,
      bytes: toHex(encodeAccountProof(proveAccount(tree, view, address))),
    })),
    chunks: [chunk('00'.repeat(32), 3), chunk('50'.repeat(32), 4), chunk('00'.repeat(32), 400), chunk('ff'.repeat(32), 2)],
  };
}

/** The blocks of chain.json above genesis. */
function vectorChain(): { b: BlockBuilder; blocks: DecodedBlock[] } {
  const b = new BlockBuilder(VECTOR_NETWORK);
  const [alex, ming, wu] = [testAccount('alex'), testAccount('ming'), testAccount('wu')];
  const pay = (from: TestAccount, to: TestAccount, nonce: number, amount: number, memo = 'x'): DecodedTransaction =>
    transferOf(VECTOR_NETWORK, from, { to, amount, fee: 10 * nonce, nonce, memo });
  const start = VECTOR_NETWORK.genesisTimeMs;
  const plan = [
    { timeMs: start + 604_800_000, miner: alex, transactions: [registrationOf(VECTOR_NETWORK, alex)] },
    { timeMs: start + 604_800_100, miner: ming, transactions: [registrationOf(VECTOR_NETWORK, wu), pay(alex, wu, 0, 250_000)] },
    { timeMs: start + 604_800_200, miner: alex, transactions: [pay(alex, alex, 1, 5), pay(wu, ming, 0, 250_000), pay(alex, wu, 2, 1)] },
    { timeMs: start + 604_800_300, miner: NOBODY, transactions: [] },
    // Quick blocks, then waits of 9.6 T and 9 T.
    ...[400, 500, 600, 700, 800, 1_099, 1_200, 1_201, 1_202, 1_203, 1_204, 1_205, 1_206, 1_207, 1_208].map((ms) => ({
      timeMs: start + 604_800_000 + ms,
      miner: NOBODY,
      transactions: [],
    })),
    { timeMs: start + 604_800_000 + 10_800, miner: wu, transactions: [pay(alex, ming, 3, 200, '午餐')] },
    ...[19_800, 20_300].map((ms) => ({ timeMs: start + 604_800_000 + ms, miner: NOBODY, transactions: [] })),
  ];
  const blocks: DecodedBlock[] = [];
  for (const step of plan) blocks.push(b.next(blocks.at(-1) ?? b.genesis, step));
  return { b, blocks };
}

function chain(): object {
  const { b, blocks } = vectorChain();
  let work = 0n;
  return {
    description:
      'A chain from genesis: every block as it travels, its header taken apart, and all accounts after it. work is cumulative, genesis not counted.',
    parameters: parametersOf(VECTOR_NETWORK),
    networkId: VECTOR_NETWORK.id,
    blocks: blocks.map((block) => {
      const { header } = block;
      work += workOfBits(header.bits);
      return {
        id: block.id,
        header: {
          ...header,
          historyRoot: toHex(header.historyRoot),
          transactionRoot: toHex(header.transactionRoot),
          stateRoot: toHex(header.stateRoot),
          bits: hexBits(header.bits),
        },
        headerHash: toHex(headerHash(header)),
        nonce: toHex(block.nonce),
        txids: block.transactions.map(({ id }) => id),
        bytes: toHex(encodeBlock(block)),
        work: String(work),
        accounts: b
          .stateAfter(block)
          .accounts()
          .map((account) => ({ ...rowOf(account), row: toHex(encodeStateRow(stateRow(account))) })),
      };
    }),
  };
}

function receipts(): object {
  const { b, blocks } = vectorChain();
  return {
    description:
      'Receipts on the chain of chain.json and four blocks above it: what each shows, about which block, by which anchor, and the expected ' +
      'hashes above the block up to the anchor. broken: bytes that show nothing, with the code of the first breach.',
    networkId: VECTOR_NETWORK.id,
    link: formatNetworkLink(VECTOR_NETWORK),
    ...receiptVectors(b, blocks),
  };
}
