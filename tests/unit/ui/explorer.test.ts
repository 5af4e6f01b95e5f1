import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { merklePath, merkleRoot } from '../../../src/crypto/merkle.ts';
import { encodePkcs1 } from '../../../src/crypto/rsa/verify.ts';
import { BITS_OFFSET, encodeHeader, HEADER_BYTES, MINER_OFFSET } from '../../../src/protocol/block.ts';
import { axisBits, axisMarks, digitsOf, margin, zeroBits } from '../../../src/ui/features/explorer/seal-scale.ts';
import { byteGroups, fieldBytes, headerChange, HEADER_FIELDS } from '../../../src/ui/features/explorer/header-fields.ts';
import { pathLines, pathNodes } from '../../../src/ui/features/explorer/merkle-layout.ts';
import { blockParts, bodyParts, digestOf, expectedBlock, partText, powers, toBlock } from '../../../src/ui/features/explorer/rsa.ts';
import { stationsOf } from '../../../src/ui/features/explorer/stations.ts';
import { faceOf, hueOf } from '../../../src/ui/kit/tint.ts';
import { merklePathInfo, signatureInfo } from '../../../src/node/views/block-picture.ts';
import { fromHex, toHex } from '../../../src/util/bytes.ts';
import { BlockBuilder, registrationOf, testAccount, testNetwork, transferOf } from '../../scenarios/support/builders.ts';

const network = testNetwork();
const [alex, ming] = [testAccount('alex'), testAccount('ming')];
const builder = new BlockBuilder(network);
const block = builder.next(builder.genesis, { miner: alex });
const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex);

describe('the fields of a header', () => {
  test('cover its bytes, at the offsets of the protocol', () => {
    const ends = HEADER_FIELDS.map(({ offset, bytes }) => offset + bytes);
    expect(HEADER_FIELDS.map(({ offset }) => offset)).toEqual([0, ...ends.slice(0, -1)]);
    expect(ends.at(-1)).toBe(HEADER_BYTES);
    const offsetOf = (wanted: string): number => HEADER_FIELDS.find(({ name }) => name === wanted)!.offset;
    expect([offsetOf('bits'), offsetOf('miner')]).toEqual([BITS_OFFSET, MINER_OFFSET]);
  });

  test('show the values of the block', () => {
    const header = toHex(encodeHeader(block.header));
    const shown = (wanted: string): string =>
      fieldBytes(
        header,
        HEADER_FIELDS.find(({ name }) => name === wanted)!,
      );
    expect(shown('height')).toBe('00000001');
    expect(shown('previous')).toBe(block.header.previous);
    expect(shown('miner')).toBe(alex.address);
    expect(Number(`0x${shown('time')}`)).toBe(block.header.timeMs);
    expect(byteGroups(shown('supply')).join('')).toBe(shown('supply'));
  });

  test('become a change: a number for a number, and any other text as it is', () => {
    expect(headerChange('time', ' 12 ')).toEqual({ time: 12 });
    expect(headerChange('time', 'soon')).toEqual({ time: 'soon' });
    expect(headerChange('supply', '12')).toEqual({ supply: '12' });
  });
});

describe('the scale of a seal', () => {
  test('counts zero bits like the logarithm of the number', () => {
    expect(zeroBits('0'.repeat(64))).toBe(256);
    expect(zeroBits(`8${'0'.repeat(63)}`)).toBe(1);
    expect(zeroBits(`01${'0'.repeat(62)}`)).toBe(8);
    fc.assert(
      fc.property(hash, hash, (a, b) => a === b || a < b === zeroBits(a) > zeroBits(b) || Math.abs(zeroBits(a) - zeroBits(b)) < 1e-9),
    );
  });

  test('splits both numbers at the digit that decides', () => {
    fc.assert(
      fc.property(hash, hash, (a, b) => {
        const { zeros, same, decisive, rest } = digitsOf(a, b);
        expect(zeros + same + decisive + rest).toBe(a);
        expect(b.startsWith(zeros + same)).toBe(true);
        if (a !== b) expect(decisive).not.toBe(digitsOf(b, a).decisive);
      }),
    );
  });

  test('has an axis beyond both numbers, with few marks', () => {
    fc.assert(
      fc.property(hash, hash, fc.nat(60), (a, b, zeros) => {
        const id = '0'.repeat(zeros) + a.slice(zeros);
        const bits = axisBits(id, b);
        expect(bits).toBeGreaterThanOrEqual(Math.min(256, Math.max(zeroBits(id), zeroBits(b))));
        expect(axisMarks(bits).length).toBeLessThanOrEqual(6);
      }),
    );
    expect(margin(`01${'0'.repeat(62)}`, `04${'0'.repeat(62)}`)).toBe(4);
  });
});

describe('the tree of transactions', () => {
  const transfers = Array.from({ length: 9 }, (_, nonce) => transferOf(network, alex, { to: ming, amount: 1 + nonce, fee: 1, nonce }));
  const root = merkleRoot(transfers.map(({ id }) => fromHex(id)));

  test.each([...transfers.keys()])('leads from transaction %i to the root', (position) => {
    const info = merklePathInfo(1, transfers, position);
    expect(info.root).toBe(toHex(root));
    const path = merklePath(
      transfers.map(({ id }) => fromHex(id)),
      position,
    );
    expect(info.steps.map((step) => step.hash)).toEqual(path.map((step) => toHex(step.hash)));
    // The leaf, and the leaves below the nodes beside the way, are all leaves.
    expect(info.steps.reduce((sum, { from, to }) => sum + to - from, 1)).toBe(transfers.length);
  });

  test('is drawn as two nodes on each level below the root, joined by one lit line each', () => {
    const info = merklePathInfo(1, transfers, 3);
    const nodes = pathNodes(info);
    expect(nodes).toHaveLength(2 * info.steps.length + 1);
    expect(nodes.filter(({ lit }) => lit).map((node) => node.hash)).toEqual([info.leaf, ...info.steps.map(({ above }) => above)]);
    expect(nodes.at(-1)).toMatchObject({ hash: info.root, side: 'middle', lit: true });
    const lines = pathLines(nodes);
    expect(lines).toHaveLength(2 * info.steps.length);
    for (let level = 0; level < info.steps.length; level++) {
      const here = nodes.filter((node) => node.level === level);
      expect(new Set(here.map(({ side }) => side))).toEqual(new Set(['left', 'right']));
    }
  });
});

describe('the check of a signature', () => {
  const store = {
    account: () => ({ registration: { name: 'alex', signingModulus: alex.signingModulus, encryptionModulus: alex.encryptionModulus } }),
  };
  const ledger = { network, store } as unknown as Parameters<typeof signatureInfo>[0];
  const partyOf = (address: string): { address: string; name: null } => ({ address, name: null });

  test.each([
    ['a transfer', transferOf(network, alex, { to: ming, amount: 5, fee: 1, nonce: 0, memo: '午餐 lunch' })],
    ['a registration', registrationOf(network, alex)],
  ])('of %s gives the one block of its digest', (_what, decoded) => {
    const info = signatureInfo(ledger, partyOf, decoded)!;
    const message = info.domain + info.networkId + info.body;
    const steps = powers(info.signature, info.modulus);
    expect(steps.map(({ exponent }) => exponent)).toEqual([...Array.from({ length: 17 }, (_, i) => 2 ** i), 65_537]);
    const opened = toBlock(steps.at(-1)!.value);
    expect(opened).toBe(toHex(encodePkcs1(fromHex(message))));
    expect(opened).toBe(expectedBlock(digestOf(message)));
    const parts = blockParts(opened);
    expect(parts.map(({ hex }) => hex).join('')).toBe(opened);
    expect(parts.map(({ name, hex }) => [name, hex.length / 2])).toEqual([
      ['start', 2],
      ['padding', 202],
      ['end', 1],
      ['info', 19],
      ['digest', 32],
    ]);
    expect(parts.at(-1)!.hex).toBe(digestOf(message));
    const fields = bodyParts(info.body);
    expect(fields.map(({ hex }) => hex).join('')).toBe(info.body);
    expect(fields.map(({ name }) => name)).not.toContain('rest');
    const texts = Object.fromEntries(fields.map(({ name, hex }) => [name, partText(name, hex)]));
    const { transaction } = decoded;
    if ('memo' in transaction)
      expect(texts).toMatchObject({ amount: '0.000005', fee: '0.000001', nonce: '0', memo: '午餐 lunch', sender: null });
    else expect(texts).toMatchObject({ name: 'alex', stamp: null, signingModulus: null });
    expect(partText('domain', info.domain)).toBe('tabchain transaction 1');
  });

  test('reads amounts as coins, and no sealed memo', () => {
    expect(partText('amount', '0000000001ab3f00')).toBe('28');
    expect(partText('amount', '001fffffffffffff')).toBe('9007199254.740991');
    expect(partText('memo', '00')).toBeNull();
    expect(partText('memo', `02${'07'.repeat(256)}`)).toBeNull();
  });

  test('of other bytes gives another block', () => {
    const info = signatureInfo(ledger, partyOf, transferOf(network, alex, { to: ming, amount: 5, fee: 1, nonce: 0 }))!;
    const opened = toBlock(powers(info.signature, info.modulus).at(-1)!.value);
    const forged = info.body.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
    expect(opened).not.toBe(expectedBlock(digestOf(info.domain + info.networkId + forged)));
  });
});

describe('the stations of a transaction', () => {
  const states = (...given: Parameters<typeof stationsOf>): string[] => stationsOf(...given).map(({ state }) => state);

  test('fill one after another', () => {
    expect(states({ status: 'pending', confirmations: 0 })).toEqual(['done', 'done', 'waiting', 'open']);
    expect(states({ status: 'confirmed', confirmations: 1 })).toEqual(['done', 'done', 'done', 'waiting']);
    expect(states({ status: 'confirmed', confirmations: 2 })).toEqual(['done', 'done', 'done', 'done']);
    expect(states({ status: 'dropped', confirmations: 0 })).toEqual(['done', 'done', 'failed', 'open']);
  });
});

test('an account has the same face and hue everywhere, and few share them', () => {
  const addresses = Array.from({ length: 200 }, (_, i) => `tab1${i}`);
  expect(faceOf('tab1x')).toBe(faceOf('tab1x'));
  expect(new Set(addresses.map(faceOf)).size).toBe(200);
  expect(new Set(addresses.map(hueOf)).size).toBeGreaterThan(120);
});
