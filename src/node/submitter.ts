import type { MiningPool } from '../miner/pool.ts';
import type { DecodedTransaction } from '../protocol/transaction.ts';
import { TabchainError } from '../util/errors.ts';
import type { TransferRequest } from '../api/api.ts';
import type { CurrentLedger } from './current-ledger.ts';
import type { Env } from './env.ts';
import type { Mailbox } from './mailbox.ts';
import { signTransfer } from './payments.ts';
import { makeRegistration } from './registering.ts';

export interface SubmitterContext {
  readonly env: Env;
  readonly mailbox: Mailbox;
  readonly current: CurrentLedger;
  readonly pool: MiningPool;
  /** Told while a registration is made; `fraction` is null where it cannot be known. */
  readonly registerStep: (step: 'stamp' | 'sign' | 'save', fraction: number | null) => void;
}

/** Makes the transactions of the account that is open and gives them to the mempool. Call outside the mailbox. */
export class Submitter {
  readonly #context: SubmitterContext;

  constructor(context: SubmitterContext) {
    this.#context = context;
  }

  /** @throws TabchainError `no-account`, and as {@link signTransfer} and the mempool do */
  transfer(request: TransferRequest): Promise<{ txid: string }> {
    const { env, current } = this.#context;
    return this.#submit(() => signTransfer(env, current.ledger, current.own(), request));
  }

  /** @throws TabchainError `no-account`, `locked`, and as the search for the stamp and the mempool do */
  async register(): Promise<{ txid: string }> {
    const { env, current, pool, registerStep } = this.#context;
    const account = current.own();
    const keys = account.keys();
    // The search touches nothing, so the mailbox stays free meanwhile.
    const decoded = await makeRegistration(env, current.ledger, pool, { name: account.name, keys }, registerStep);
    registerStep('save', null);
    return this.#submit(async () => {
      // A person who has logged out meanwhile has no database that could keep the registration.
      if (current.own().address !== account.address) throw new TabchainError('no-account', 'Another account is open now.');
      return decoded;
    });
  }

  /** Resolves when the disk has the transaction, or has refused: then the transaction lives while the tab does. */
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
