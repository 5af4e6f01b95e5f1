import type { MiningPool } from '../miner/pool.ts';
import type { DecodedTransaction } from '../protocol/transaction.ts';
import { TabchainError } from '../util/errors.ts';
import type { ReplacementRequest, TransferRequest } from '../api/api.ts';
import type { CurrentLedger } from './current-ledger.ts';
import type { Env } from './env.ts';
import type { Mailbox } from './mailbox.ts';
import { signTransfer } from './payments.ts';
import { makeRegistration } from './registering.ts';
import { signReplacement } from './replacements.ts';
import type { SentMemoBook } from './sent-memos.ts';

export interface SubmitterContext {
  readonly env: Env;
  readonly mailbox: Mailbox;
  readonly current: CurrentLedger;
  readonly pool: MiningPool;
  readonly sentMemos: SentMemoBook;
  /** Called while a registration is made. `fraction` is null where the progress is unknown. */
  readonly registerStep: (step: 'stamp' | 'sign' | 'save', fraction: number | null) => void;
}

/** Makes the transactions of the open account and passes them to the mempool. Must be called outside the mailbox. */
export class Submitter {
  readonly #context: SubmitterContext;

  constructor(context: SubmitterContext) {
    this.#context = context;
  }

  /** @throws TabchainError `no-account`, and the errors of {@link signTransfer} and the mempool */
  transfer(request: TransferRequest): Promise<{ txid: string }> {
    const { env, current, sentMemos } = this.#context;
    return this.#submit(async () => {
      const decoded = await signTransfer(env, current.ledger, current.own(), request);
      await sentMemos.keep(current.ledger.network.id, current.own(), decoded, request.memo ?? '');
      return decoded;
    });
  }

  /** @throws TabchainError `no-account`, and the errors of {@link signReplacement} and the mempool */
  replace(request: ReplacementRequest): Promise<{ txid: string }> {
    const { env, current } = this.#context;
    return this.#submit(() => signReplacement(env, current.ledger, current.own(), request));
  }

  /** @throws TabchainError `no-account`, `locked`, and the errors of the stamp search and the mempool */
  async register(): Promise<{ txid: string }> {
    const { env, current, pool, registerStep } = this.#context;
    const account = current.own();
    const keys = account.keys();
    // The search changes no state, so the mailbox stays free meanwhile.
    const decoded = await makeRegistration(env, current.ledger, pool, { name: account.name, keys }, registerStep);
    registerStep('save', null);
    return this.#submit(async () => {
      // If the person has logged out meanwhile, there is no database for the registration.
      if (current.own().address !== account.address) throw new TabchainError('no-account', 'Another account is open now.');
      return decoded;
    });
  }

  /** Resolves when the disk has the transaction, or has refused it. A refused transaction exists only as long as the tab. */
  async #submit(make: () => Promise<DecodedTransaction>): Promise<{ txid: string }> {
    const { mailbox, current } = this.#context;
    const { txid, saver } = await mailbox.ask(async () => {
      const { mempool, saver } = current.ledger;
      const decoded = await make();
      await mempool.accept(decoded, true);
      return { txid: decoded.id, saver };
    });
    await saver.flush();
    return { txid };
  }
}
