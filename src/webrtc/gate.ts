import type { Log } from '../util/log.ts';
import type { MonotonicClock } from '../util/ports.ts';
import type { TabIdentity } from './identity.ts';
import type { Rendezvous } from './rendezvous.ts';
import { ALL_ANSWERS, GROUP_CONNECTIONS, GROUP_SIGNALS, OTHERS_CONNECTIONS, OWN_CONNECTIONS, STRANGERS_SIGNALS } from './link-limits.ts';
import type { PeerSignal } from './peer-signals.ts';
import type { Remote } from './remote.ts';
import type { Remotes } from './remotes.ts';
import { SignedSignals } from './signed-signals.ts';
import { SharedBudget } from './shared-budget.ts';
import { TokenBucket } from '../util/token-bucket.ts';

export interface GateOptions {
  readonly identity: TabIdentity;
  /** Where the tabs of this network meet (protocol/room.ts). */
  readonly room: string;
  readonly clock: MonotonicClock;
  readonly log: Log;
}

/** The group of a tab that sent a signal before any rendezvous announced the tab. */
const UNKNOWN_GROUP = 'unknown';

/**
 * Limits what other tabs can make this tab do: passes only useful signals with a valid signature, and keeps the budgets for the work that
 * they cause. Own links and the links that this tab seeks never wait for requests of strangers.
 */
export class Gate {
  readonly #peerId: string;
  readonly #signals: SignedSignals;
  readonly #clock: MonotonicClock;
  readonly #log: Log;
  readonly #remotes: Remotes;
  readonly #ownConnections: TokenBucket;
  readonly #othersConnections: SharedBudget;
  readonly #strangers: SharedBudget;
  readonly #answers: TokenBucket;

  constructor({ identity, room, clock, log }: GateOptions, remotes: Remotes) {
    const now = clock.monotonic();
    this.#peerId = identity.peerId;
    this.#signals = new SignedSignals(identity, room);
    this.#clock = clock;
    this.#log = log;
    this.#remotes = remotes;
    this.#ownConnections = TokenBucket.of(OWN_CONNECTIONS, now);
    this.#othersConnections = new SharedBudget(GROUP_CONNECTIONS, OTHERS_CONNECTIONS, now);
    this.#strangers = new SharedBudget(GROUP_SIGNALS, STRANGERS_SIGNALS, now);
    this.#answers = TokenBucket.of(ALL_ANSWERS, now);
  }

  /** Sends a signal in this tab's name. */
  say(rendezvous: Rendezvous | undefined, remote: Remote, signal: PeerSignal): void {
    rendezvous?.signal(remote.id, this.#signals.seal(remote.id, signal));
  }

  /**
   * The signal and its sender; null if this tab should do nothing. Cheap checks come first: a signature is verified only if the signal
   * is useful and the budget allows.
   */
  hear(rendezvous: Rendezvous, from: string, data: unknown): { remote: Remote; signal: PeerSignal } | null {
    const unproven = from === this.#peerId ? null : this.#signals.read(from, data);
    if (!unproven) return null;
    const { signal, count } = unproven;
    const known = this.#remotes.get(from);
    if (count <= (known?.heardCount ?? 0) || !this.#isOfUse(from, known, rendezvous, signal) || !this.#mayCheck(known)) return null;
    if (!unproven.proven()) {
      this.#log('debug', 'webrtc/signal-forged', { peer: from });
      return null;
    }
    const remote = this.#remotes.meet(from, UNKNOWN_GROUP, true);
    if (!remote) return null;
    remote.heardCount = count;
    remote.control = unproven.control;
    remote.via.add(rendezvous);
    return { remote, signal };
  }

  /** Whether this tab would act on a signal with a valid signature. */
  #isOfUse(from: string, remote: Remote | undefined, rendezvous: Rendezvous, signal: PeerSignal): boolean {
    switch (signal.kind) {
      case 'want':
        return offers(this.#peerId, from) && !remote?.dial;
      case 'rtc':
        return (remote?.isCurrent(signal.attempt) ?? false) || (signal.data.type === 'offer' && offers(from, this.#peerId));
      case 'busy':
        return remote !== undefined && (remote.dial !== null || remote.relayRequest !== null);
      case 'relay-ok':
        return rendezvous.relay !== null && remote !== undefined && (remote.relayRequest !== null || remote.isRelayOverdue);
      case 'relay-close':
        return remote?.relay?.rendezvous === rendezvous;
      case 'relay-open':
        return rendezvous.relay !== null;
    }
  }

  #mayCheck(remote: Remote | undefined): boolean {
    const now = this.#clock.monotonic();
    if (remote && !remote.signals.take(now)) return false;
    return (remote?.engaged ?? false) || this.#strangers.take(remote?.group ?? UNKNOWN_GROUP, now);
  }

  /** Takes the permit to answer a request. The server counts each answer as a message, so too frequent requests get no answer. */
  mayAnswer(remote: Remote): boolean {
    const now = this.#clock.monotonic();
    return remote.answers.take(now) && (remote.outgoing || this.#answers.take(now));
  }

  /** Takes the permit to make one more connection. */
  mayConnect(remote: Remote): boolean {
    const now = this.#clock.monotonic();
    return remote.outgoing ? this.#ownConnections.take(now) : this.#othersConnections.take(remote.group, now);
  }
}

/** Whether `id` makes the offer to `other`. */
export function offers(id: string, other: string): boolean {
  return id < other;
}
