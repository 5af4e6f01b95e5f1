/** What a node tells its listeners; a part of `api.ts`. */
import type { HandMet } from '../net/transport.ts';
import type { ErrorCode } from '../util/error-codes.ts';
import type { OfferKind } from './lab.ts';
import type { Coins, PartyInfo, Status } from './api.ts';

export type NodeEvent =
  | { type: 'status'; status: Status }
  | { type: 'block'; height: number; id: string; own: boolean }
  /** `team`: a team of the lab has just come back, so its secret branch is probably the reason. */
  | { type: 'reorganisation'; from: number; depth: number; height: number; team: boolean }
  /** A payment to the account waits for a block. */
  | { type: 'incoming'; txid: string; from: PartyInfo; amount: Coins }
  | { type: 'received'; txid: string; from: PartyInfo; amount: Coins }
  | { type: 'confirmed'; txid: string; height: number }
  | { type: 'dropped'; txid: string; code: ErrorCode }
  /** A peer offered something as an experiment. This node's rules have judged the offer, and `code` is the broken rule. Nothing was taken. */
  | { type: 'experiment'; peer: string; by: PartyInfo; kind: OfferKind; code: ErrorCode | null }
  /** A link made by hand has opened; `invitation` is the id of its invitation, at both ends. */
  | ({ type: 'met' } & HandMet)
  | { type: 'problem'; code: ErrorCode; message: string };

/** Reports the progress of a registration to the user; `fraction` is null if unknown. */
export type RegisterProgress = (step: 'keys' | 'encrypt' | 'stamp' | 'sign' | 'save', fraction: number | null) => void;
