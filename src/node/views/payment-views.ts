import type {
  FeeHint,
  FeeLevel,
  FeeLevelsRequest,
  MaximumRequest,
  ReplacementPreview,
  ReplacementRequest,
  TransferPreview,
  TransferRequest,
} from '../../api/api.ts';
import { optionsArgument } from '../../api/arguments.ts';
import { ChainQueries } from '../../storage/sql/queries.ts';
import { feeHint } from '../fees.ts';
import type { LedgerContents } from '../ledger.ts';
import { openAccount, type AccountSession } from '../own-account.ts';
import { feeLevels, maximumAmount, previewTransfer } from '../payments.ts';
import { previewReplacement } from '../replacements.ts';

/** The answers about payments before they are signed. */
export class PaymentViews {
  readonly #ledger: LedgerContents;
  readonly #account: AccountSession | null;

  constructor(ledger: LedgerContents, account: AccountSession | null) {
    this.#ledger = ledger;
    this.#account = account;
  }

  feeHint(): FeeHint {
    return feeHint(this.#ledger);
  }

  feeLevels(request?: FeeLevelsRequest): FeeLevel[] {
    return feeLevels(this.#ledger, optionsArgument(request));
  }

  previewTransfer(request: TransferRequest): TransferPreview {
    return previewTransfer(this.#ledger, openAccount(this.#account), request);
  }

  maximumAmount(request?: MaximumRequest): string {
    return maximumAmount(this.#ledger, openAccount(this.#account), request ?? {});
  }

  previewReplacement(request: ReplacementRequest): ReplacementPreview {
    const queries = new ChainQueries(this.#ledger.store.sql);
    return previewReplacement(this.#ledger, openAccount(this.#account), request, (address) => queries.party(address));
  }
}
