/** Answers for the experiments of the lab; a part of `api.ts`. */

import type { ErrorCode } from '../util/error-codes.ts';
import type { Coins } from './api.ts';
import type { BlockChange, BlockTrial, SignatureInfo } from './explorer.ts';

/** A text with the signature of an account, and the numbers of the check. Bytes are hexadecimal; `body` is the text in UTF-8. */
export type SignedText = Omit<SignatureInfo, 'txid'> & { text: string };

/** A block above an altered block, as a node that got the altered chain would find it. */
export interface LaterBlock {
  height: number;
  /** The id that the block has in the altered chain. */
  id: string;
  /** The id of the block that it names as the block before. */
  previous: string;
  /** The first rule that refuses the block; null where all rules hold. */
  refusedBy: ErrorCode | null;
}

/** What remains of the chain after a change of one block. Nothing is stored and nothing is sent. */
export interface ChainTrial {
  /** The altered block. */
  block: BlockTrial;
  /** The blocks above, lowest first; at most 200. */
  later: LaterBlock[];
  /** How many blocks lie above, how many of them were checked (at most 2,000), and how many of those a node would refuse. */
  above: number;
  checked: number;
  refused: number;
  /** Expected hashes to seal the altered block and all blocks above again, decimal string. */
  work: string;
  /** Seconds that the whole network would take for this work at its present hash rate; null while the rate is unknown. */
  seconds: number | null;
}

/** A change of a block, with what a forger does about the blocks above. */
export interface ChainChangeRequest extends BlockChange {
  /** Write the new ids and history roots into all blocks above. Default false. */
  relink?: boolean;
}

/** What `checkText` compares. `signer` is a name or an address, and `signature` has 512 hexadecimal digits. */
export interface TextClaim {
  signer: string;
  text: string;
  signature: string;
}

export type OfferKind = 'transaction' | 'block';

/**
 * What to offer as an experiment: a payment to oneself, signed with the own key, of more coins than one has; a payment of the chain with
 * another amount under its old signature; or an altered block of the chain.
 */
export type ExperimentRequest =
  { payment: Coins | number } | { transaction: string; amount: Coins | number } | { block: string | number; change: BlockChange };

/** What the peers said about an offer. */
export interface ExperimentResult {
  kind: OfferKind;
  /** Id of the offered transaction or block. */
  id: string;
  bytes: number;
  /** The rule that the offer breaks, by this tab's own node. */
  own: ErrorCode;
  /** Each peer's verdict: the code of the broken rule (perhaps unknown to this version), or null where it finds none. */
  answers: { peer: string; code: string | null }[];
  /** Peers that gave no verdict in time. */
  silent: string[];
  /** Number of peers whose version does not know experiments; they were not asked. */
  others: number;
}

/** The calls of the experiments. */
export interface LabCalls {
  /**
   * Alters a block of the chain in memory, and applies the rules to the blocks above. The chain stays as it is, and nothing is sent.
   * Null if the block is unknown, off the active chain, or genesis.
   */
  alterChain(idOrHeight: string | number, change: ChainChangeRequest): Promise<ChainTrial | null>;
  /** Signs a text with the key of the open account. @throws `no-account`, `locked`, `argument-invalid` (longer than 1,000 bytes) */
  signText(text: string): Promise<SignedText>;
  /** Whether an account has signed exactly this text; null if the chain has no key of the account. @throws `argument-invalid` */
  checkText(claim: TextClaim): Promise<boolean | null>;
  /**
   * Offers something invalid to the peers, marked as an experiment and signed by the open account. Nobody takes the offer, and nobody is
   * blamed for it.
   * @throws `no-account`, `locked`, `not-registered`, `experiment-valid` (breaks no rule, so it is not sent), `experiment-too-large`,
   *   `experiment-too-soon`, `argument-invalid`, `amount-…`
   */
  experiment(request: ExperimentRequest): Promise<ExperimentResult>;
}

/** A team of the 51 % experiment, as this tab knows it. */
export interface SecretTeamInfo {
  name: string;
  /** The other tabs with an open link, as far as they have told their rates. */
  members: SecretTeamMember[];
}

/** What another tab of the team tells about itself. */
export interface SecretTeamMember {
  peer: string;
  /** Hashes a second, now and just before the tab left the network. */
  hashrate: number;
  before: number;
  /** Id of the tab's newest block when it left the network. */
  tip: string;
}
