import { HASH_BYTES } from '../../crypto/hash.ts';
import { parseCoins } from '../../protocol/amount.ts';
import { NONCE_BYTES, type BlockHeader, type DecodedBlock } from '../../protocol/block.ts';
import { parseParty } from '../../protocol/party.ts';
import { expandBits } from '../../protocol/target.ts';
import { decodeTransaction, recipientOf, type DecodedTransaction } from '../../protocol/transaction.ts';
import { ChainQueries } from '../../storage/sql/queries.ts';
import { fromHex } from '../../util/bytes.ts';
import { tidyHandle } from '../../util/typed-text.ts';
import type {
  BlockChange,
  BlockTrial,
  ChainSeries,
  ChainStrip,
  HeaderBytes,
  HeaderChange,
  HeaderTimes,
  MerklePathInfo,
  SignatureInfo,
} from '../../api/api.ts';
import { argumentInvalid, integerArgument, limitArgument, optionsArgument, textArgument } from '../../api/arguments.ts';
import type { LedgerContents } from '../ledger.ts';
import { headerTimes } from './header-times.ts';
import type { AccountSession } from '../own-account.ts';
import { locateBlock, wholeBlock } from './block-info.ts';
import { headerBytes, merklePathInfo, signatureInfo } from './block-picture.ts';
import { blockTrial, type ChangedBlock, type KnownBlock } from './block-trial.ts';
import { PaymentViews } from './payment-views.ts';
import { chainSeries } from './series.ts';
import { chainStrip } from './strip.ts';

const MAX_STRIP = 50;
const MAX_U32 = 2 ** 32 - 1;
/** More than the transactions of any block. */
const ALL_POSITIONS = 2 ** 16;

/** First position and number of the transactions of a block to return. */
export function pageArgument(given: { from?: number; limit?: number } | undefined): [from: number, limit: number] {
  const { from, limit } = optionsArgument(given);
  const start = from === undefined ? 0 : integerArgument(from, 'from');
  if (start >= ALL_POSITIONS) throw argumentInvalid('from', 'the position of a transaction');
  return [start, limit === undefined ? ALL_POSITIONS : limitArgument(limit)];
}

/** The answers for the pictures of the explorer. */
export class ExplorerViews extends PaymentViews {
  readonly #ledger: LedgerContents;

  constructor(ledger: LedgerContents, account: AccountSession | null) {
    super(ledger, account);
    this.#ledger = ledger;
  }

  async blockHeader(idOrHeight: unknown): Promise<HeaderBytes | null> {
    const { chain } = this.#ledger;
    const located = locateBlock(chain, idOrHeight);
    const sealed = located && chain.header(located.id);
    return sealed && headerBytes(sealed);
  }

  async merklePath(idOrHeight: unknown, position: unknown): Promise<MerklePathInfo | null> {
    const at = integerArgument(position, 'position');
    const block = this.#block(idOrHeight)?.block;
    return block && at < block.transactions.length ? merklePathInfo(block.header.height, block.transactions, at) : null;
  }

  async signature(txid: unknown): Promise<SignatureInfo | null> {
    const decoded = this.decoded(tidyHandle(textArgument(txid, 'txid')));
    return decoded && signatureInfo(this.#ledger, (address) => new ChainQueries(this.#ledger.store.sql).party(address), decoded);
  }

  async tryBlock(idOrHeight: unknown, change: unknown): Promise<BlockTrial | null> {
    const copy = this.changedCopy(idOrHeight, change);
    return copy && blockTrial(this.#ledger, copy.known, copy.changed);
  }

  /** A block with a change that somebody wants to make to a copy of it; null for an unknown block and for genesis. */
  changedCopy(idOrHeight: unknown, change: unknown): { known: KnownBlock; changed: ChangedBlock } | null {
    const given = optionsArgument(change as BlockChange | undefined);
    const known = this.#block(idOrHeight);
    const parent = known && this.#ledger.chain.header(known.block.header.previous);
    if (!parent) return null;
    const { block } = known;
    const { nonce, ...header } = optionsArgument(given.header);
    const changed = {
      header: { ...block.header, ...this.#changedFields(header) },
      nonce: nonce === undefined ? block.nonce : hexArgument(nonce, 'nonce', NONCE_BYTES),
      amount: given.amount === undefined ? null : changedAmount(block, given.amount),
      rootToo: given.rootToo === true,
    };
    return { known: { ...known, parent }, changed };
  }

  async headerTimes(gaps: unknown): Promise<HeaderTimes> {
    return headerTimes(this.#ledger, gaps);
  }

  async strip(given?: { limit?: number }): Promise<ChainStrip> {
    return chainStrip(this.#ledger, Math.min(MAX_STRIP, limitArgument(optionsArgument(given).limit)));
  }

  async series(given?: { blocks?: number }): Promise<ChainSeries> {
    const { blocks } = optionsArgument(given);
    return chainSeries(this.#ledger, blocks === undefined ? null : integerArgument(blocks, 'blocks'));
  }

  #block(idOrHeight: unknown): { block: DecodedBlock; active: boolean } | null {
    const { chain } = this.#ledger;
    const located = locateBlock(chain, idOrHeight);
    if (!located) return null;
    const block = located.active ? wholeBlock(chain, located.height) : chain.block(located.id);
    return block && { block, active: located.active };
  }

  /** A transaction of the chain, of the mempool, or of this account. */
  decoded(txid: string): DecodedTransaction | null {
    const { chain, mempool, store } = this.#ledger;
    const row = new ChainQueries(store.sql).transaction(txid);
    if (row) return wholeBlock(chain, row.height).transactions[row.position] ?? null;
    const own = mempool.get(txid) ? null : mempool.ownTransactions().find(({ id }) => id === txid);
    return own ? decodeTransaction(own.bytes) : mempool.get(txid);
  }

  #changedFields(change: Omit<HeaderChange, 'nonce'>): Partial<BlockHeader> {
    const fields: { -readonly [K in keyof BlockHeader]?: BlockHeader[K] } = {};
    for (const name of ['version', 'height'] as const) if (change[name] !== undefined) fields[name] = wordArgument(change[name], name);
    for (const name of ['historyRoot', 'transactionRoot', 'stateRoot'] as const) {
      if (change[name] !== undefined) fields[name] = hexArgument(change[name], name, HASH_BYTES);
    }
    if (change.previous !== undefined) {
      hexArgument(change.previous, 'previous', HASH_BYTES);
      fields.previous = tidyHandle(change.previous);
    }
    if (change.time !== undefined) fields.timeMs = integerArgument(change.time, 'time');
    if (change.bits !== undefined) fields.bits = bitsArgument(change.bits);
    if (change.supply !== undefined) fields.supply = unitsArgument(change.supply, 'supply');
    if (change.miner !== undefined) fields.miner = this.#addressOf(change.miner);
    return fields;
  }

  #addressOf(miner: unknown): BlockHeader['miner'] {
    const party = parseParty(textArgument(miner, 'miner'), this.#ledger.network.id);
    const address = party.kind === 'address' ? party.address : this.#ledger.store.addressOfName(party.name);
    if (address === undefined) throw argumentInvalid('miner', 'a registered name, or an address');
    return address;
  }
}

function changedAmount(block: DecodedBlock, given: unknown): { position: number; units: number } {
  const { position, amount } = (given ?? {}) as { position?: unknown; amount?: unknown };
  const at = integerArgument(position, 'position');
  const decoded = block.transactions[at];
  if (!decoded || recipientOf(decoded.transaction) === null) throw argumentInvalid('position', 'that of a transfer in the block');
  return { position: at, units: unitsArgument(amount, 'amount') };
}

function unitsArgument(coins: unknown, field: string): number {
  const units = parseCoins(typeof coins === 'number' ? coins : textArgument(coins, field));
  if (units < 0) throw argumentInvalid(field, 'an amount of at least 0');
  return units;
}

function wordArgument(value: unknown, field: string): number {
  const number = integerArgument(value, field);
  if (number > MAX_U32) throw argumentInvalid(field, 'at most 4294967295');
  return number;
}

export function hexArgument(value: unknown, field: string, bytes: number): Uint8Array {
  const text = tidyHandle(textArgument(value, field));
  if (text.length !== 2 * bytes || !/^[0-9a-f]*$/.test(text)) throw argumentInvalid(field, `${2 * bytes} hexadecimal digits`);
  return fromHex(text);
}

/** @throws TabchainError `argument-invalid`, `bits-non-canonical` */
function bitsArgument(value: unknown): number {
  const text = tidyHandle(textArgument(value, 'bits'));
  if (!/^[0-9a-f]{8}$/.test(text)) throw argumentInvalid('bits', 'eight hexadecimal digits');
  const bits = Number.parseInt(text, 16);
  expandBits(bits);
  return bits;
}
