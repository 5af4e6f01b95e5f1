import { checkReceipt } from '../../../src/consensus/receipt.ts';
import { addressText, parseAddress } from '../../../src/crypto/address.ts';
import { Reassembler, toFrames } from '../../../src/net/framing.ts';
import { FRAME_BYTES } from '../../../src/net/peer-limits.ts';
import { formatCoins, MAX_SUPPLY, parseCoins } from '../../../src/protocol/amount.ts';
import { decodeBlock, encodeBlock, encodeSealedHeader, readSealedHeader } from '../../../src/protocol/block.ts';
import { Reader, Writer } from '../../../src/protocol/codec.ts';
import { checkHistoryProof, readHistoryProof, writeHistoryProof } from '../../../src/protocol/history-proof.ts';
import { createNetwork, formatNetworkLink, parseNetworkLink, subsidyAt } from '../../../src/protocol/network.ts';
import { decodeReceipt, encodeReceipt, MAX_RECEIPT_BYTES, type Receipt } from '../../../src/protocol/receipt.ts';
import { compactBits, expandBits } from '../../../src/protocol/target.ts';
import { decodeTransaction, encodeTransaction, networkTag } from '../../../src/protocol/transaction.ts';
import { BYE_REASONS, decodeMessage, encodeMessage, maxMessageBytes, type Message } from '../../../src/protocol/wire.ts';
import { fromHex } from '../../../src/util/bytes.ts';
import { sampleBlock, sampleRegistration, sampleTransfer } from '../support/samples.ts';
import { bytesOf, Decisions, jsonOr, textOf } from '../support/inputs.ts';
import { withinMemory } from '../support/memory.ts';
import { must, mustEqual, orRefused, type FuzzTarget } from '../support/target.ts';

const ENCODING = /^encoding-(truncated|trailing|too-long|non-canonical)$/;
const ENCODING_OR_SIZE = /^(encoding-(truncated|trailing|too-long|non-canonical)|block-oversized)$/;
const MESSAGE = /^(encoding-(truncated|trailing|too-long|non-canonical)|block-oversized|protocol-version)$/;

/** Small, so that the fuzzer soon tries a larger block. */
const MAX_BLOCK_BYTES = 4_096;

/**
 * A transaction of 322 bytes is copied as a whole and in parts, and hashed twice. Each hash has a state of a few hundred bytes.
 */
const TIMES_INPUT = 8;

const transaction: FuzzTarget = {
  name: 'transaction',
  about: 'decodeTransaction: refused, or the only encoding of its result',
  maxBytes: 1_100,
  seeds: () => [sampleTransfer('none'), sampleTransfer('plain'), sampleTransfer('sealed'), sampleRegistration()].map(({ bytes }) => bytes),
  prepare: () => (input) =>
    withinMemory(input, TIMES_INPUT, () => {
      const decoded = orRefused(ENCODING, () => decodeTransaction(input));
      if (!decoded) return;
      const again = encodeTransaction(decoded.transaction);
      mustEqual(again.bytes, input, 'A transaction has two encodings.');
      must(again.id === decoded.id, 'A transaction has two ids.');
    }),
};

const block: FuzzTarget = {
  name: 'block',
  about: 'decodeBlock: refused, or the only encoding of its result',
  maxBytes: MAX_BLOCK_BYTES + 64,
  seeds: () => [0, 1, 4].map((count) => encodeBlock(sampleBlock(count))),
  prepare: () => (input) =>
    withinMemory(input, TIMES_INPUT, () => {
      const decoded = orRefused(ENCODING_OR_SIZE, () => decodeBlock(input, MAX_BLOCK_BYTES));
      if (!decoded) return;
      must(input.length <= MAX_BLOCK_BYTES && decoded.size === input.length, 'A block has another size than its bytes.');
      mustEqual(encodeBlock(decoded), input, 'A block has two encodings.');
    }),
};

const header: FuzzTarget = {
  name: 'header',
  about: 'readSealedHeader and expandBits: refused, or the only encoding of the result',
  maxBytes: 240,
  seeds: () => [encodeSealedHeader(sampleBlock(0)), encodeSealedHeader(createNetwork().genesis)],
  prepare: () => (input) =>
    withinMemory(input, TIMES_INPUT, () => {
      const reader = new Reader(input);
      const sealed = orRefused(ENCODING, () => readSealedHeader(reader));
      if (!sealed) return;
      mustEqual(encodeSealedHeader(sealed), input.subarray(0, reader.offset), 'A header has two encodings.');
      const { bits } = sealed.header;
      const target = orRefused(/^bits-non-canonical$/, () => expandBits(bits));
      must(target === null || (target > 0n && target < 1n << 256n && compactBits(target) === bits), 'A target has two compact forms.');
    }),
};

function sampleMessages(): Message[] {
  const { genesis, id } = createNetwork();
  const claim = { height: 3, tip: id, work: 1n << 70n, base: 0 };
  const [plain, registration] = [sampleTransfer('plain'), sampleRegistration()];
  const sealed = sampleBlock(2);
  const salt = fromHex('0102030405060708');
  return [
    { type: 'hello', networkId: id, peerId: '0011223344556677', agent: 'tabchain/1', clockMs: 1_767_225_600_000, ...claim },
    { type: 'ping', nonce: 7, ...claim },
    { type: 'pong', nonce: 7, clockMs: 1_767_225_600_000 },
    { type: 'getHeaders', locator: [id, genesis.id] },
    { type: 'headers', headers: [sealed, genesis] },
    { type: 'inventory', kind: 'block', ids: [id] },
    { type: 'getData', kind: 'transaction', ids: [plain.id, registration.id] },
    { type: 'notFound', kind: 'block', ids: [] },
    { type: 'block', block: sealed },
    { type: 'transaction', transaction: plain },
    { type: 'compactBlock', sealed, salt, shortIds: [1, 2 ** 40], prefilled: [{ index: 1, transaction: plain }] },
    { type: 'getBlockTransactions', blockId: id, indexes: [0, 3] },
    { type: 'blockTransactions', blockId: id, transactions: [plain, registration] },
    { type: 'getMempool' },
    { type: 'bye', reason: BYE_REASONS[1] },
    ...sampleJoinMessages(),
    { type: 'experiment', kind: 'transaction', account: '55'.repeat(20), signature: plain.transaction.signature, bytes: plain.bytes },
    { type: 'verdict', offer: id, code: 'balance-insufficient' },
  ];
}

function sampleJoinMessages(): Message[] {
  const { genesis, id } = createNetwork();
  const headers = [sampleBlock(0), genesis];
  const nodes = [0n, 7n, 1n << 70n].map((work) => ({ hash: fromHex(id), work }));
  const from = fromHex(id);
  const edge = { bit: 3, hash: from };
  const paid = { address: '55'.repeat(20), balance: 9, nonce: 0, registration: null };
  const keys = { signingModulus: new Uint8Array(256).fill(7), encryptionModulus: new Uint8Array(256).fill(8) };
  const accounts = [paid, { ...paid, address: '66'.repeat(20), registration: { name: 'alex', ...keys } }];
  return [
    { type: 'getTail', tip: id },
    { type: 'tail', tip: id, tail: { headers, history: nodes } },
    { type: 'tail', tip: id, tail: null },
    { type: 'getSamples', before: id, points: [0n, 1n << 63n] },
    { type: 'samples', before: id, samples: { headers, nodes } },
    { type: 'samples', before: id, samples: null },
    { type: 'getAccounts', block: id, from },
    { type: 'accounts', block: id, from, chunk: { accounts, left: [edge], right: [] } },
    { type: 'accounts', block: id, from, chunk: null },
  ];
}

const message: FuzzTarget = {
  name: 'message',
  about: 'decodeMessage: refused, or the only encoding of its result',
  maxBytes: MAX_BLOCK_BYTES,
  seeds: () => sampleMessages().map(encodeMessage),
  prepare: () => (input) =>
    withinMemory(input, TIMES_INPUT, () => {
      const decoded = orRefused(MESSAGE, () => decodeMessage(input, MAX_BLOCK_BYTES));
      if (decoded) mustEqual(encodeMessage(decoded), input, `A message of type ${decoded.type} has two encodings.`);
    }),
};

const frames: FuzzTarget = {
  name: 'frames',
  about: 'Reassembler: frames of any kind and length, compared with a simple model; never keeps more than the longest message',
  maxBytes: 2_000,
  seeds: () => [Uint8Array.of(0, 1, 0, 5, 1, 2, 3), Uint8Array.of(2, 2, 1, 0, 9, 8, 7, 3, 0, 2, 0, 1), Uint8Array.of(4, 1, 0, 2)],
  prepare: () => (input) => {
    const decisions = new Decisions(input);
    const longest = maxMessageBytes(MAX_BLOCK_BYTES);
    const reassembler = new Reassembler(longest);
    let expected: Uint8Array[] = [];
    while (decisions.left > 0) {
      const frame = nextFrame(decisions);
      const sound = isSound(frame, expected, longest);
      let refused = true;
      const whole = orRefused(ENCODING, () => {
        const result = reassembler.add(frame);
        refused = false;
        return result;
      });
      must(sound !== refused, sound ? 'A sound frame was refused.' : 'An unsound frame was taken.');
      if (refused) return;
      expected.push(frame.subarray(1));
      must((whole !== null) === (frame[0] === 0), 'A message ended where its last frame did not.');
      if (!whole) continue;
      mustEqual(whole, Buffer.concat(expected), 'A message was joined wrongly.');
      mustEqual(
        Buffer.concat(toFrames(whole)),
        Buffer.concat(expected.map((part, i) => framed(part, i < expected.length - 1))),
        'Framed otherwise.',
      );
      expected = [];
    }
  },
};

function nextFrame(decisions: Decisions): Uint8Array {
  const kind = decisions.byte();
  if (kind % 4 === 0) return decisions.take(decisions.below(64));
  if (kind % 4 === 1) return framed(decisions.take(decisions.number(1)), false);
  if (kind % 4 === 2) return framed(new Uint8Array(FRAME_BYTES - 1).fill(kind), true);
  // Slightly shorter or longer than the longest frame.
  return framed(new Uint8Array(FRAME_BYTES - 3 + decisions.below(6)), decisions.below(2) === 1);
}

function framed(part: Uint8Array, more: boolean): Uint8Array {
  const frame = new Uint8Array(part.length + 1);
  frame[0] = more ? 1 : 0;
  frame.set(part, 1);
  return frame;
}

function isSound(frame: Uint8Array, before: readonly Uint8Array[], longest: number): boolean {
  if (frame.length < 2 || frame[0]! > 1 || frame.length > FRAME_BYTES) return false;
  if (frame[0] === 1 && frame.length !== FRAME_BYTES) return false;
  return before.reduce((sum, part) => sum + part.length, frame.length - 1) <= longest;
}

const historyProof: FuzzTarget = {
  name: 'history-proof',
  about: 'readHistoryProof and checkHistoryProof: refused, or the only encoding of the result; no made-up proof passes',
  maxBytes: 2_200,
  seeds: () => [Uint8Array.of(0), new Uint8Array(1 + 64).fill(1, 0, 1), Uint8Array.of(32, ...new Uint8Array(32 * 64).fill(0xff))],
  prepare: () => (input) =>
    withinMemory(input, TIMES_INPUT, () => {
      const reader = new Reader(input);
      const proof = orRefused(ENCODING, () => readHistoryProof(reader));
      if (!proof) return;
      const writer = new Writer();
      writeHistoryProof(writer, proof);
      mustEqual(writer.finish(), input.subarray(0, reader.offset), 'A proof has two encodings.');
      // The size that a proof of this length fits.
      const [size, root] = [2 ** Math.min(31, proof.length), new Uint8Array(32)];
      const block = { height: input.length % size, id: '11'.repeat(32), work: 1n };
      must(orRefused(/^history-proof-wrong$/, () => checkHistoryProof(root, size, block, proof)) === null, 'A made-up proof passed.');
    }),
};

const networkLink: FuzzTarget = {
  name: 'network-link',
  about: 'parseNetworkLink: refused, or a network whose own link leads back to it and whose blocks never mint more than is left',
  maxBytes: 300,
  words: ['net=', 'T=', 'subsidy=', 'grant=', 'halving=', 'size=', 'pow=', 'start=', 'stamp=', 'genesis=', '&', '%20', '1e0fffff'],
  seeds: () =>
    [
      '#net=main',
      '#net=a-b&T=1000&subsidy=12.5&grant=100&halving=10&size=65536&pow=207fffff&start=1e0fffff&stamp=1e0fffff&genesis=0',
      '',
      '#other=1',
    ].map(bytesOf),
  prepare: () => (input) => {
    const network = orRefused(/^network-invalid$/, () => parseNetworkLink(textOf(input)));
    if (!network) return;
    must(parseNetworkLink(formatNetworkLink(network)).id === network.id, 'A network’s own link leads to another network.');
    for (const height of [1, 2, network.halvingInterval || 3, 2 ** 32 - 1]) {
      for (const supply of [0, MAX_SUPPLY - 1, MAX_SUPPLY]) {
        const subsidy = subsidyAt(network, height, supply);
        must(Number.isSafeInteger(subsidy) && subsidy >= 0 && subsidy <= MAX_SUPPLY - supply, 'A block mints too much, or parts of units.');
      }
    }
  },
};

const amount: FuzzTarget = {
  name: 'amount',
  about: 'parseCoins: refused, or whole units that format and parse to themselves',
  maxBytes: 100,
  words: ['.', '-', 'e', '0.000001', '9007199254.740991'],
  seeds: () => ['12.5', '-0.000001', '9007199254.740991', '1e-7', '.5', '00.10', '  3 '].map(bytesOf),
  prepare: () => (input) => {
    const text = textOf(input);
    const value = jsonOr(text);
    for (const given of typeof value === 'number' ? [text, value] : [text]) {
      const units = orRefused(/^amount-(invalid|too-precise|too-large)$/, () => parseCoins(given));
      if (units === null) continue;
      must(Number.isSafeInteger(units) && !Object.is(units, -0), 'An amount is not whole units.');
      must(parseCoins(formatCoins(units)) === units, 'An amount changes when it is written and read.');
    }
  },
};

const address: FuzzTarget = {
  name: 'address',
  about: 'parseAddress: refused, or an address with exactly this text',
  maxBytes: 100,
  seeds: () => [bytesOf(addressText('00'.repeat(20))), bytesOf(addressText('ab'.repeat(20)).toUpperCase())],
  prepare: () => (input) => {
    const text = textOf(input);
    const parsed = orRefused(/^address-invalid$/, () => parseAddress(text));
    must(parsed === null || addressText(parsed) === text.toLowerCase(), 'An address has two texts.');
  },
};

const receipt: FuzzTarget = {
  name: 'receipt',
  about: 'decodeReceipt: refused, or the only encoding; checkReceipt: refused with a code, or a fact',
  maxBytes: MAX_RECEIPT_BYTES + 64,
  seeds: () => {
    const sealed = sampleBlock(1);
    const network = createNetwork();
    const common = { networkTag: networkTag(network.id), block: sealed };
    const proof = [{ hash: new Uint8Array(32).fill(5), work: 7n }];
    const path = [{ isLeft: true, hash: new Uint8Array(32).fill(6) }];
    const receipts: Receipt[] = [
      { ...common, later: null, evidence: { kind: 'block' } },
      { ...common, later: { sealed, proof }, evidence: { kind: 'transaction', transaction: sampleTransfer('sealed'), path } },
      { ...common, later: null, evidence: { kind: 'account', address: '00'.repeat(20), proof: { row: null, path: [] } } },
      { ...common, block: network.genesis, later: null, evidence: { kind: 'block' } },
    ];
    return receipts.map(encodeReceipt);
  },
  prepare: () => {
    const network = createNetwork();
    return (input) =>
      withinMemory(input, TIMES_INPUT, () => {
        const decoded = orRefused(/^(receipt-version|encoding-(truncated|trailing|too-long|non-canonical))$/, () => decodeReceipt(input));
        if (!decoded) return;
        mustEqual(encodeReceipt(decoded), input, 'A receipt has two encodings.');
        orRefused(/^receipt-(other-network|wrong)$/, () => checkReceipt(network, decoded));
      });
  },
};

export const PROTOCOL_TARGETS: readonly FuzzTarget[] = [
  transaction,
  block,
  header,
  historyProof,
  receipt,
  message,
  frames,
  networkLink,
  amount,
  address,
];
