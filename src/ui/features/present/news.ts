import type { BlockInfo, NodeEvent, OfferKind, PartyInfo, Reorganisation } from '../../../api/api.ts';
import type { ErrorCode } from '../../../util/error-codes.ts';

/** One thing that happened, for one sentence. */
export type News = { readonly key: string } & (
  | { readonly kind: 'block'; readonly miner: PartyInfo; readonly height: number; readonly payments: number }
  | { readonly kind: 'joined'; readonly who: PartyInfo }
  | { readonly kind: 'paid'; readonly from: PartyInfo; readonly to: PartyInfo; readonly coins: string }
  | { readonly kind: 'experiment'; readonly who: PartyInfo; readonly offer: OfferKind; readonly code: ErrorCode | null }
  | { readonly kind: 'replaced'; readonly blocks: number; readonly by: number; readonly height: number; readonly team: boolean }
);

/** Sentences on screen. Older news leaves, so an hour of blocks takes no more memory than a minute. */
export const MAX_NEWS = 40;
/** Of one block; a full block has hundreds of payments. */
const MAX_OF_BLOCK = 4;

/** What a new block tells, newest first. */
export function newsOf(block: BlockInfo): News[] {
  const joined = block.items.flatMap((item): News[] =>
    item.to === null ? [{ key: item.txid, kind: 'joined', who: { ...item.from, name: item.name } }] : [],
  );
  const paid = block.items.flatMap((item): News[] =>
    item.to === null ? [] : [{ key: item.txid, kind: 'paid', from: item.from, to: item.to, coins: item.amount }],
  );
  const found: News = { key: block.id, kind: 'block', miner: block.miner, height: block.height, payments: paid.length };
  return [...joined.slice(0, MAX_OF_BLOCK), ...paid.slice(0, MAX_OF_BLOCK), found];
}

/** @param team whether a team of the lab has just come back */
export function newsOfChange({ time, fork, replaced, by }: Reorganisation, team: boolean): News {
  return { key: `${time} ${fork}`, kind: 'replaced', blocks: replaced, by, height: fork + by, team };
}

/** Each person's experiments are one line, with the last: a class makes many. */
export function newsOfExperiment({ by, kind, code }: Extract<NodeEvent, { type: 'experiment' }>): News {
  return { key: `experiment ${by.address}`, kind: 'experiment', who: by, offer: kind, code };
}

/** The list with more news at its beginning; each piece of news once, because a block may be seen again after a change of branch. */
export function withNews(old: readonly News[], fresh: readonly News[]): News[] {
  const keys = new Set(fresh.map(({ key }) => key));
  return [...fresh, ...old.filter(({ key }) => !keys.has(key))].slice(0, MAX_NEWS);
}
