import { ADDRESS_PREFIX, addressText } from '../../crypto/address.ts';
import { parseParty } from '../../protocol/party.ts';
import { NAME_PATTERN } from '../../protocol/transactions/registration.ts';
import { ChainQueries } from '../../storage/sql/queries.ts';
import { ExplorerQueries } from '../../storage/sql/explorer-queries.ts';
import { TabchainError } from '../../util/errors.ts';
import { plainWidth, tidyHandle } from '../../util/typed-text.ts';
import type { SearchHit, SearchMatch, SearchMiss } from '../../api/api.ts';
import type { LedgerContents } from '../ledger.ts';
import { locateBlock } from './block-info.ts';

const MAX_MATCHES = 8;
/** Fewer digits would match by chance. */
const LEAST_DIGITS = 4;
const ID_DIGITS = 64;

/** A height as pages write it ("1,234", "第 12 塊", "#12"), digits in any width. */
const HEIGHT = /^(?:#|block|區塊|第)?(\d{1,3}(?:,\d{3})+|\d{1,10})(?:塊|個區塊)?$/;
/** The beginning of an id, and its end where the text left out the middle ("00001f…9ab3"). */
const PARTIAL_ID = /^([0-9a-f]{1,64})(?:(?:…|\.{2,3})([0-9a-f]{1,64}))?$/;
const PARTIAL_ADDRESS = /^(tab1[0-9a-z]{0,38})(?:(?:…|\.{2,3})([0-9a-z]{1,38}))?$/;

const none = (because: SearchMiss): SearchHit => ({ kind: 'none', because });

/** @param isTransaction whether the chain or the mempool has a transaction with an id */
export function searchChain(ledger: LedgerContents, text: string, isTransaction: (txid: string) => boolean): SearchHit {
  const { chain, store } = ledger;
  const wanted = tidyHandle(text);
  const located = locateBlock(chain, wanted);
  if (located) return { kind: 'block', id: located.id, height: located.height };
  if (wanted.length === ID_DIGITS && isTransaction(wanted)) return { kind: 'transaction', txid: wanted };
  const account = accountOf(ledger, text);
  if (account !== null && typeof account === 'object') return account;
  const queries = new ExplorerQueries(store.sql);
  const matches: SearchMatch[] = [];
  const height = HEIGHT.exec(wanted)?.[1]?.replaceAll(',', '');
  const block = height === undefined ? null : locateBlock(chain, height);
  if (block) matches.push({ kind: 'block', id: block.id, height: block.height });
  matches.push(...partialMatches(chain, queries, wanted));
  if (NAME_PATTERN.test(wanted)) matches.push(...queries.names(wanted, MAX_MATCHES + 1).map(accountMatch));
  const [only] = matches;
  if (only && matches.length === 1) return only;
  if (only) return { kind: 'several', matches: matches.slice(0, MAX_MATCHES), more: matches.length > MAX_MATCHES };
  if (account) return none(account);
  if (height !== undefined) return none(Number(height) > chain.tip().height ? 'height' : 'height-below');
  return none(missOf(wanted));
}

/** The account that a text names; a miss, where the text can be nothing else; null for other texts. */
function accountOf({ network, store }: LedgerContents, text: string): SearchMatch | SearchMiss | null {
  try {
    const party = parseParty(plainWidth(text), network.id);
    const address = party.kind === 'address' ? party.address : store.addressOfName(party.name);
    const row = address === undefined ? null : new ChainQueries(store.sql).account(addressText(address));
    if (row) return { kind: 'account', address: row.address, name: row.name };
    return party.kind === 'address' ? 'address' : null;
  } catch (error) {
    if (error instanceof TabchainError && error.code === 'link-other-network') return 'other-network';
    return null;
  }
}

function partialMatches(chain: LedgerContents['chain'], queries: ExplorerQueries, wanted: string): SearchMatch[] {
  const [, start = '', end = ''] = PARTIAL_ID.exec(wanted) ?? [];
  const limit = MAX_MATCHES + 1;
  if (start.length >= LEAST_DIGITS) {
    return [
      ...blocksWithId(chain, start, end, limit),
      ...queries.txids(start, end, limit).map((txid) => ({ kind: 'transaction' as const, txid })),
    ];
  }
  const [, addressStart = '', addressEnd = ''] = PARTIAL_ADDRESS.exec(wanted) ?? [];
  return addressStart === '' ? [] : queries.addresses(addressStart, addressEnd, limit).map(accountMatch);
}

/** The highest active blocks whose ids begin and end so, highest first. Their ids are in memory; a million take about 20 ms. */
function blocksWithId(chain: LedgerContents['chain'], start: string, end: string, limit: number): SearchMatch[] {
  const found: SearchMatch[] = [];
  // The base of a recent chain has no page.
  const lowest = chain.base() === 0 ? 0 : chain.base() + 1;
  for (let { height } = chain.tip(); height >= lowest && found.length < limit; height--) {
    const id = chain.activeId(height)!;
    if (id.startsWith(start) && id.endsWith(end)) found.push({ kind: 'block', id, height });
  }
  return found;
}

const accountMatch = ({ address, name }: { address: string; name: string | null }): SearchMatch => ({ kind: 'account', address, name });

function missOf(wanted: string): SearchMiss {
  if (wanted.startsWith(`${ADDRESS_PREFIX}1`) && PARTIAL_ADDRESS.test(wanted))
    return isWholeAddress(wanted) ? 'address-invalid' : 'address-start';
  if (PARTIAL_ID.test(wanted) && /\d/.test(wanted)) return wanted.length < LEAST_DIGITS ? 'short' : 'id';
  return NAME_PATTERN.test(wanted) ? 'name' : 'text';
}

/** Whether a text is as long as an address, so that it is one with a mistake. */
const isWholeAddress = (text: string): boolean => text.length >= 40;
