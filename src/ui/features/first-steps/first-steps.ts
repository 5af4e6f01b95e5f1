import type { HistoryEntry, Status } from '../../../api/api.ts';

export const STEPS = ['name', 'mine', 'pay', 'see'] as const;
export type Step = (typeof STEPS)[number];
export type StepState = 'done' | 'waiting' | 'open';

/** What a newcomer's steps are judged by. */
export interface Facts {
  readonly status: Pick<Status, 'account' | 'mining'>;
  /** Newest entries of the account's history. */
  readonly history: readonly Pick<HistoryEntry, 'direction' | 'status'>[];
  /** Whether the person has ever opened the database page. */
  readonly sawDatabase: boolean;
}

/** How far each step is, from what the chain says. Only a look into the database leaves no trace there. */
export function stepStates({ status: { account, mining }, history, sawDatabase }: Facts): Readonly<Record<Step, StepState>> {
  const payments = history.filter(({ direction }) => direction === 'out' || direction === 'self');
  const isPaid = payments.some(({ status }) => status === 'confirmed');
  const isPaying = payments.some(({ status }) => status === 'pending' || status === 'queued');
  return {
    name: account?.registration === 'confirmed' ? 'done' : account?.registration === 'pending' ? 'waiting' : 'open',
    mine: mining.blocks > 0 ? 'done' : mining.on ? 'waiting' : 'open',
    pay: isPaid ? 'done' : isPaying ? 'waiting' : 'open',
    see: sawDatabase ? 'done' : 'open',
  };
}

/**
 * The first step that asks for an action; null when none does, as while a newcomer without coins waits for the first block.
 * @param canPay whether the account has coins to spend
 */
export function nextStep(states: Readonly<Record<Step, StepState>>, canPay: boolean): Step | null {
  const next = STEPS.find((step) => states[step] === 'open') ?? null;
  return next === 'pay' && !canPay ? null : next;
}

/** The question that shows the account's own payments. */
export function ownPaymentsSql(name: string): string {
  return `SELECT height, sender_name, recipient_name, coins, memo, confirmations
FROM transfers
WHERE sender_name = '${name.replaceAll("'", "''")}'
ORDER BY height DESC
LIMIT 20`;
}
