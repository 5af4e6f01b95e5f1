import type { ExperimentRequest, ExperimentResult, NodeEvent } from '../api/api.ts';
import { addressText } from '../crypto/address.ts';
import { sign } from '../crypto/rsa/keys.ts';
import { verifyPkcs1 } from '../crypto/rsa/verify.ts';
import type { Answers, ExperimentPort } from '../net/experiments.ts';
import type { PeerNetwork } from '../net/peer-network.ts';
import { experimentMessage, MAX_OFFER_BYTES, type ExperimentMessage } from '../protocol/wire-experiment.ts';
import { TabchainError } from '../util/errors.ts';
import type { CurrentLedger } from './current-ledger.ts';
import type { Env } from './env.ts';
import { brokenRule } from './judgement.ts';
import type { Mailbox } from './mailbox.ts';
import { makeOffer, type MadeOffer } from './offers.ts';
import { ChainQueries } from '../storage/sql/queries.ts';

interface DeskParts {
  readonly env: Pick<Env, 'subtle' | 'verifier' | 'transport'>;
  readonly mailbox: Mailbox;
  readonly current: CurrentLedger;
  net(): Pick<PeerNetwork, 'experiment'>;
  event(event: NodeEvent): void;
}

/** Makes the experiments of the open account, and judges those of peers. */
export class ExperimentDesk implements ExperimentPort {
  readonly #parts: DeskParts;

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  /**
   * Offers something invalid to the peers. Must be called outside the mailbox, because peers answer through it.
   * @throws TabchainError `no-account`, `locked`, `not-registered`, `experiment-…`, and those of the request
   */
  async run(request: ExperimentRequest): Promise<ExperimentResult> {
    const { env, mailbox, current, net } = this.#parts;
    const begun = await mailbox.ask(async () => {
      const { ledger } = current;
      const account = current.own();
      const keys = account.keys();
      if (!ledger.store.account(account.address)?.registration) {
        throw new TabchainError('not-registered', 'Your registration is not in a block yet. Mine, or wait for the next block.');
      }
      const made = await makeOffer(ledger, account, env.subtle, request);
      const own = brokenRule(ledger, env.verifier, made);
      if (own === null) throw new TabchainError('experiment-valid', 'The offer breaks no rule, so it was not sent.');
      if (made.bytes.length > MAX_OFFER_BYTES) {
        throw new TabchainError('experiment-too-large', `An offer has at most ${MAX_OFFER_BYTES} bytes.`, { bytes: made.bytes.length });
      }
      const { kind, bytes } = made;
      const signature = await sign(keys.signing, experimentMessage(ledger.network.id, env.transport.peerId, made), env.subtle);
      const message: ExperimentMessage = { type: 'experiment', kind, bytes, account: account.address, signature };
      // Wrapped, because the mailbox must not wait for the peers.
      return { made, own, answers: { promise: net().experiment(message) } };
    });
    return resultOf(begun.made, begun.own, await begun.answers.promise);
  }

  async judge(message: ExperimentMessage, peerId: string): ReturnType<ExperimentPort['judge']> {
    const { env, current } = this.#parts;
    const { ledger } = current;
    const key = ledger.store.account(message.account)?.registration?.signingModulus;
    const signed = experimentMessage(ledger.network.id, peerId, message);
    if (!key || !verifyPkcs1(key, signed, message.signature)) return undefined;
    return brokenRule(ledger, env.verifier, message);
  }

  seen({ account, kind }: ExperimentMessage, peer: string, code: ExperimentResult['own'] | null): void {
    const { current, event } = this.#parts;
    const by = new ChainQueries(current.ledger.store.sql).party(addressText(account));
    event({ type: 'experiment', peer, by, kind, code });
  }
}

function resultOf({ kind, id, bytes }: MadeOffer, own: ExperimentResult['own'], { verdicts, silent, others }: Answers): ExperimentResult {
  const answers = [...verdicts].map(([peer, code]) => ({ peer, code: code === '' ? null : code }));
  return { kind, id, bytes: bytes.length, own, answers, silent: [...silent], others };
}
