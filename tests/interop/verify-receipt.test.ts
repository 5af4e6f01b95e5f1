import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { base64urlnopad } from '@scure/base';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { checkReceipt } from '../../src/consensus/receipt.ts';
import { addressText } from '../../src/crypto/address.ts';
import { parseNetworkLink } from '../../src/protocol/network.ts';
import { decodeReceipt } from '../../src/protocol/receipt.ts';
import { concatBytes, fromHex, toHex } from '../../src/util/bytes.ts';
import { TabchainError } from '../../src/util/errors.ts';
import { checkReceipts, hasPython, verifyReceipt } from './verifier.ts';

interface Place {
  height: number;
  id: string;
}
type Fact =
  | { kind: 'transaction'; txid: string }
  | { kind: 'account'; address: string; exists: false }
  | { kind: 'account'; address: string; exists: true; balance: number; nonce: number; name: string | null }
  | { kind: 'block' };
interface Vectors {
  networkId: string;
  link: string;
  receipts: { name: string; fact: Fact; block: Place; anchor: Place; workAbove: string; bytes: string }[];
  broken: { name: string; code: string; bytes: string }[];
}

const vectors = new URL('../vectors/receipts.json', import.meta.url);
const { networkId, link, receipts, broken } = JSON.parse(readFileSync(vectors, 'utf8')) as Vectors;

function factLine(fact: Fact): string {
  if (fact.kind === 'transaction') return `transaction ${fact.txid}: `;
  if (fact.kind === 'block') return 'block: miner ';
  const account = `account ${addressText(fact.address)}`;
  if (!fact.exists) return `${account} does not exist\n`;
  return `${account}: ${fact.balance} units, nonce ${fact.nonce}${fact.name === null ? '' : `, name ${fact.name}`}\n`;
}

describe.skipIf(!hasPython)('the independent verifier in Python', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tabchain-receipts-'));
  const file = join(folder, 'one.tabchain-receipt');
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(receipts)('reads the same from a receipt of $name', ({ fact, block, anchor, workAbove, bytes }) => {
    writeFileSync(file, fromHex(bytes));
    const { status, output } = verifyReceipt(file, { link, block: anchor.id });
    expect(output).toContain(`network vectors, id ${networkId}\n${factLine(fact)}`);
    expect(output).toContain(`\nin block ${block.height}, id ${block.id}\n`);
    expect(output).toContain(`\nanchor ${anchor.height}, id ${anchor.id}, ${workAbove} hashes above the block\n`);
    expect(output).toContain(`\nvalid: you trust block ${anchor.height}\n`);
    expect(status).toBe(0);
  });

  test.each(broken)('refuses a receipt $name', ({ code, bytes }) => {
    writeFileSync(file, fromHex(bytes));
    const { status, output } = verifyReceipt(file, { link, block: networkId });
    expect(output).toContain(`invalid: ${code}: `);
    expect(status).toBe(1);
  });

  test('calls a receipt valid only where the user trusts one of its blocks', () => {
    const { bytes, block, anchor } = receipts[0]!;
    writeFileSync(file, base64urlnopad.encode(fromHex(bytes)) + '\n');
    expect(verifyReceipt(file, { link, block: anchor.id }).status).toBe(0);
    expect(verifyReceipt(file, { link, block: block.id.toUpperCase() }).status).toBe(0);
    for (const trusted of [undefined, networkId, anchor.id.slice(0, 32)]) {
      const { status, output } = verifyReceipt(file, { link, ...(trusted === undefined ? {} : { block: trusted }) });
      expect(output).toContain(`\nunproven: this is as certain as block ${anchor.height}.`);
      expect(output).not.toContain('valid: ');
      expect(status).toBe(3);
    }
    expect(verifyReceipt(file, { link: '' }).output).toContain('invalid: receipt-other-network: ');
    expect(verifyReceipt(file, { link: '#net=vectors&T=now' })).toMatchObject({ status: 2 });
    expect(verifyReceipt(join(folder, 'absent'), { link })).toMatchObject({ status: 2 });
  });

  test('agrees with the program about altered receipts', () => {
    const network = parseNetworkLink(link);
    const all = receipts.map(({ bytes }) => fromHex(bytes));
    const altered = fc.sample(
      fc.tuple(fc.constantFrom(...all), fc.constantFrom('change', 'cut', 'insert', 'join'), fc.nat(), fc.integer({ min: 1, max: 255 })),
      2_000,
    );
    const inputs = altered.map(([bytes, how, place, value]) => {
      const at = place % bytes.length;
      if (how === 'change') return bytes.with(at, bytes[at]! ^ value);
      if (how === 'cut') return bytes.subarray(0, at);
      if (how === 'insert') return concatBytes(bytes.subarray(0, at), Uint8Array.of(value), bytes.subarray(at));
      // The beginning of one receipt with the end of another.
      return concatBytes(bytes.subarray(0, at), all[value % all.length]!.subarray(at));
    });
    expect(checkReceipts(inputs.map(toHex), link)).toEqual(inputs.map((bytes) => outcome(network, bytes)));
  });
});

/** The code of the first breach, or the work that the receipt shows. */
function outcome(network: ReturnType<typeof parseNetworkLink>, bytes: Uint8Array): string {
  try {
    return String(checkReceipt(network, decodeReceipt(bytes)).workAbove);
  } catch (error) {
    if (!(error instanceof TabchainError)) throw error;
    return error.code === 'receipt-wrong' ? String(error.details['because']) : error.code;
  }
}
