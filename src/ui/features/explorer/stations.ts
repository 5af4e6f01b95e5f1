import type { TransactionInfo } from '../../../api/api.ts';

export interface Station {
  readonly name: 'signed' | 'announced' | 'block' | 'deep';
  readonly state: 'done' | 'waiting' | 'open' | 'failed';
}

/** How far a transaction has come on its way into the chain. The first station that is not done is the one that it waits for. */
export function stationsOf({ status, confirmations }: Pick<TransactionInfo, 'status' | 'confirmations'>): Station[] {
  const isConfirmed = status === 'confirmed';
  const block = isConfirmed ? 'done' : status === 'dropped' ? 'failed' : 'waiting';
  return [
    { name: 'signed', state: 'done' },
    { name: 'announced', state: 'done' },
    { name: 'block', state: block },
    { name: 'deep', state: !isConfirmed ? 'open' : confirmations > 1 ? 'done' : 'waiting' },
  ];
}
