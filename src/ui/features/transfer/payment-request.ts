import { requestedAmount, requestedMemo } from '../../../api/limits.ts';
import { routePath } from '../../address.ts';

/** A payment that somebody asks for, as typed. */
export interface WrittenRequest {
  readonly amount: string;
  readonly memo: string;
}

/** The route of a request's link. Amount and memo may be empty. @throws TabchainError `amount-…`, `memo-…` */
export function requestPath(to: string, { amount, memo }: WrittenRequest): string {
  return routePath('/transfer', { to, amount: requestedAmount(amount), memo: requestedMemo(memo) });
}
