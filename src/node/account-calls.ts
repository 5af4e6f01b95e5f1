import type { NodeService } from '../api/service.ts';
import type { CurrentLedger } from './current-ledger.ts';
import type { Mailbox } from './mailbox.ts';
import type { MiningService } from './mining.ts';
import { assertNameFree } from './own-account.ts';
import type { StatusReporter } from './status-reporter.ts';

export type AccountCalls = Pick<NodeService, 'checkName' | 'bind' | 'unlock' | 'lock' | 'keyFileSaved' | 'unbind'>;

interface AccountParts {
  readonly mailbox: Mailbox;
  readonly current: CurrentLedger;
  readonly mining: MiningService;
  readonly status: StatusReporter;
}

/** The calls of the page that concern the open account and its keys. */
export function accountCalls({ mailbox, current, mining, status }: AccountParts): AccountCalls {
  return {
    checkName: (name) => mailbox.ask(() => assertNameFree(current.ledger, name)),
    bind: (bound, fencingToken, keys) =>
      mailbox.ask(async () => {
        await current.bind(bound, fencingToken, keys);
        mining.refreshNow();
        status.changed();
        return current.describeOwn();
      }),
    unlock: (keys) =>
      mailbox.ask(() => {
        current.own().unlock(keys);
        status.changed();
        return current.describeOwn();
      }),
    lock: () =>
      mailbox.ask(() => {
        current.own().lock();
        status.changed();
      }),
    keyFileSaved: (saved) =>
      mailbox.ask(() => {
        current.own().keyFileSaved(saved);
        status.changed();
      }),
    unbind: () =>
      mailbox.ask(() => {
        mining.set(false, {});
        return current.unbind();
      }),
  };
}
