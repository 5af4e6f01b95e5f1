import { base64urlnopad } from '@scure/base';
import { encode } from 'uqr';
import { expect, test } from 'vitest';
import { sealHeader } from '../../../src/protocol/block.ts';
import { decodeReceipt, encodeReceipt, MAX_RECEIPT_BYTES, type Receipt } from '../../../src/protocol/receipt.ts';
import { networkTag } from '../../../src/protocol/transaction.ts';
import { fragmentFor, receiptPath } from '../../../src/ui/address.ts';
import { registrationOf, testAccount, testNetwork } from '../../scenarios/support/builders.ts';

const network = testNetwork({
  label: 'l'.repeat(32),
  genesisTimeMs: 2 ** 48,
  grant: 10 ** 15,
  subsidy: 10 ** 15 - 1,
  halvingInterval: 10 ** 9,
});
const hash = new Uint8Array(32).fill(0xff);
const sealed = sealHeader({ ...network.genesis.header, height: 2 ** 32 - 2 }, new Uint8Array(20));

/** The longest transaction, in a block of 2^16 transactions. */
const longest: Receipt = {
  networkTag: networkTag(network.id),
  block: sealed,
  later: null,
  evidence: {
    kind: 'transaction',
    transaction: registrationOf(network, testAccount('alex'), { name: 'a2345678901234567890' }),
    path: Array.from({ length: 16 }, () => ({ isLeft: true, hash })),
  },
};

test('the longest short receipt fits a QR code, as a link of a network with other parameters and a signaling server', () => {
  const bytes = encodeReceipt(longest);
  expect(bytes.length).toBe(1_546);
  const fragment = `#net=${network.label}&T=86400000&subsidy=999999999&grant=1000000000&halving=1000000000&signal=wss://signal.example.org/signal`;
  const link = `https://tabchain.example.org/${fragmentFor(fragment, receiptPath(base64urlnopad.encode(bytes)))}`;
  expect(encode(link, { ecc: 'L', border: 0 }).version).toBeLessThanOrEqual(40);
});

test('the longest receipt, with as much work as there can be, stays below the limit', () => {
  const proof = Array.from({ length: 32 }, () => ({ hash, work: 2n ** 256n - 1n }));
  const bytes = encodeReceipt({ ...longest, later: { sealed, proof } });
  expect(bytes.length).toBe(1_546 + 196 + 1 + 32 * 65);
  expect(bytes.length).toBeLessThanOrEqual(MAX_RECEIPT_BYTES);
  expect(encodeReceipt(decodeReceipt(bytes))).toEqual(bytes);
});
