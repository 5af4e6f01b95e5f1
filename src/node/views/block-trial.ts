import { expectedBits } from '../../consensus/difficulty.ts';
import { meetsTarget } from '../../consensus/header.ts';
import { RuleError } from '../../consensus/rule-error.ts';
import { checkTransaction, signatureItem } from '../../consensus/transaction.ts';
import { verifyPkcs1 } from '../../crypto/rsa/verify.ts';
import { formatCoins } from '../../protocol/amount.ts';
import { BLOCK_VERSION, sealBlock, transactionRoot, type BlockHeader, type DecodedBlock, type SealedHeader } from '../../protocol/block.ts';
import { mintingOf } from '../../protocol/minting.ts';
import type { Network } from '../../protocol/network.ts';
import { expandBits } from '../../protocol/target.ts';
import { encodeTransaction, feesOf, recipientOf, senderOf, type DecodedTransaction, type Transaction } from '../../protocol/transaction.ts';
import type { ErrorCode } from '../../util/error-codes.ts';
import { equalBytes, toHex } from '../../util/bytes.ts';
import type { BlockTrial, RuleFinding } from '../../api/api.ts';
import type { LedgerContents } from '../ledger.ts';
import { headerBytes } from './block-picture.ts';

/** A changed copy of a block. */
export interface ChangedBlock {
  readonly header: BlockHeader;
  readonly nonce: Uint8Array;
  /** Another amount for one transfer; null for none. */
  readonly amount: { readonly position: number; readonly units: number } | null;
  /** Whether the header gets the new transaction root. */
  readonly rootToo: boolean;
}

/** A block with its parent, both as this node knows them. */
export interface KnownBlock {
  readonly block: DecodedBlock;
  readonly parent: SealedHeader;
  /** Whether this node has verified the block's roots. */
  readonly active: boolean;
}

const finding = (code: ErrorCode, holds: boolean | null, found: string | null = null, expected: string | null = null): RuleFinding => ({
  code,
  holds,
  found,
  expected,
});

/**
 * Applies the rules to a changed copy of a block, in the order of a node. Unlike a node, a trial goes on after the first breach.
 * @param copy the copy, where the caller has made it already
 */
export function blockTrial(
  ledger: LedgerContents,
  known: KnownBlock,
  changed: ChangedBlock,
  copy: DecodedBlock = changedBlock(known.block, changed),
): BlockTrial {
  const { parent } = known;
  const { header, transactions } = copy;
  const decoded = changed.amount && transactions[changed.amount.position]!;
  const root = transactionRoot(transactions);
  const rules = [
    ...headerFindings(ledger, known, copy),
    finding('transaction-root-wrong', equalBytes(root, header.transactionRoot), toHex(header.transactionRoot), toHex(root)),
    ...(decoded ? transactionFindings(ledger, decoded) : []),
    supplyFinding(ledger, parent, header, transactions),
    stateFinding(ledger.network, known, header, decoded),
  ];
  const refused = rules.find(({ holds }) => holds === false);
  return {
    ...headerBytes(copy),
    transactionRoot: toHex(root),
    txid: decoded?.id ?? null,
    refusedBy: refused?.code ?? null,
    rules,
  };
}

/** A changed copy of a block, with its new seal. */
export function changedBlock(block: DecodedBlock, { header, nonce, amount, rootToo }: ChangedBlock): DecodedBlock {
  const transactions = amount ? withAmount(block.transactions, amount) : block.transactions;
  return sealBlock(rootToo ? { ...header, transactionRoot: transactionRoot(transactions) } : header, nonce, transactions);
}

function headerFindings(
  { chain, network }: LedgerContents,
  { block, parent, active }: KnownBlock,
  { header, id }: SealedHeader,
): RuleFinding[] {
  const bits = header.timeMs > parent.header.timeMs ? expectedBits(network, chain.context(parent.id)!, header.timeMs) : null;
  const roots = [header.historyRoot, block.header.historyRoot] as const;
  return [
    finding('version-unsupported', header.version === BLOCK_VERSION, `${header.version}`, `${BLOCK_VERSION}`),
    finding('previous-wrong', header.previous === parent.id, header.previous, parent.id),
    finding('height-wrong', header.height === parent.header.height + 1, `${header.height}`, `${parent.header.height + 1}`),
    finding('time-not-after-parent', header.timeMs > parent.header.timeMs, `${header.timeMs}`, `${parent.header.timeMs + 1}`),
    finding('bits-wrong', bits === null ? null : header.bits === bits, bitsText(header.bits), bits === null ? null : bitsText(bits)),
    finding('seal-above-target', meetsTarget(id, header.bits), id, expandBits(header.bits).toString(16).padStart(64, '0')),
    finding('history-root-wrong', active ? equalBytes(...roots) : null, ...(roots.map(toHex) as [string, string])),
  ];
}

const bitsText = (bits: number): string => bits.toString(16).padStart(8, '0');

/** The rules about a transfer with another amount. Its sender signed the old amount. */
function transactionFindings({ network, store }: LedgerContents, decoded: DecodedTransaction): RuleFinding[] {
  const findings: RuleFinding[] = [];
  try {
    checkTransaction(network, decoded);
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    findings.push(finding(error.code, false));
  }
  const item = signatureItem(network, decoded, store);
  findings.push(finding('signature-invalid', item && verifyPkcs1(item.modulus, item.message, item.signature)));
  return findings;
}

function supplyFinding(
  { network }: LedgerContents,
  parent: SealedHeader,
  header: BlockHeader,
  transactions: readonly DecodedTransaction[],
): RuleFinding {
  const { supply } = mintingOf(network, parent.header, transactions);
  return finding('supply-wrong', header.supply === supply, formatCoins(header.supply), formatCoins(supply));
}

/**
 * The state root of the true block is that of the true accounts. Other accounts have another root. So the root must be the true one while the
 * changes move no coins, and cannot be the true one where they do.
 */
function stateFinding(
  network: Network,
  { block, parent, active }: KnownBlock,
  header: BlockHeader,
  decoded: DecodedTransaction | null,
): RuleFinding {
  const isTrue = equalBytes(header.stateRoot, block.header.stateRoot);
  const paid = mintingOf(network, parent.header, block.transactions).subsidy + feesOf(block.transactions) > 0;
  const otherMiner = paid && header.miner !== block.header.miner;
  const otherAmount = decoded !== null && recipientOf(decoded.transaction) !== senderOf(decoded.transaction) && !isAmong(decoded, block);
  const found = toHex(header.stateRoot);
  if (!active) return finding('state-root-wrong', null, found);
  if (!otherMiner && !otherAmount) return finding('state-root-wrong', isTrue, found, toHex(block.header.stateRoot));
  return finding('state-root-wrong', isTrue ? false : null, found);
}

const isAmong = ({ id }: DecodedTransaction, block: DecodedBlock): boolean => block.transactions.some((each) => each.id === id);

function withAmount(
  transactions: readonly DecodedTransaction[],
  { position, units }: { position: number; units: number },
): readonly DecodedTransaction[] {
  const { transaction } = transactions[position]!;
  const changed = encodeTransaction({ ...transaction, amount: units } as Transaction);
  return transactions.map((each, i) => (i === position ? changed : each));
}
