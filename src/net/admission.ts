import type { ErrorCode } from '../util/error-codes.ts';
import { errorCode, TabchainError } from '../util/errors.ts';
import type { Log } from '../util/log.ts';
import type { MonotonicClock } from '../util/ports.ts';
import { OtherVersions } from './other-versions.ts';
import { DISCOURAGE_MS, MAX_DISCOURAGED } from './peer-limits.ts';
import type { Session } from './session.ts';
import type { Link, LinkKind, Transport } from './transport.ts';

export interface AdmissionPorts {
  readonly transport: Pick<Transport, 'peerId'>;
  readonly clock: MonotonicClock;
  readonly log: Log;
  /** Whether a failure of the chain or the mempool is a provable breach of a rule. */
  isRuleError(error: unknown): boolean;
}

/** Faults of proofs that a peer has made for this node, so the peer must have known. */
const FALSE_PROOFS: ReadonlySet<ErrorCode> = new Set(['bits-non-canonical', 'state-proof-wrong', 'work-proof-wrong']);

const KIND_ORDER: readonly LinkKind[] = ['local', 'direct', 'relayed'];

/** A lower rank is better: of two links to the same peer the better stays. */
export function linkRank({ kind, rtc }: Link): number {
  return 2 * KIND_ORDER.indexOf(kind) + (rtc ? 0 : 1);
}

/**
 * Which links a node keeps: no link to a peer that broke a rule lately, and one link to every other peer. Misbehaviour is never
 * scored: a provable breach ends the link and discourages the peer for a while; all other behaviour is allowed.
 *
 * ```
 *  link opens ──refuses?──▶ session ──hello, endDuplicates──▶ ready
 *                  ▲            │                               │
 *                  │            └─hello of another version─▶ bye│
 *                  └──────judge: discouraged for a while────────┘
 * ```
 */
export class Admission {
  readonly #ports: AdmissionPorts;
  readonly otherVersions: OtherVersions;
  /** Until when each peer id is refused. */
  readonly #discouraged = new Map<string, number>();

  constructor(ports: AdmissionPorts) {
    this.#ports = ports;
    this.otherVersions = new OtherVersions(ports.clock);
  }

  /** Whether a peer broke a rule so lately that this node takes no link to it. */
  refuses(peerId: string): boolean {
    return (this.#discouraged.get(peerId) ?? -Infinity) > this.#ports.clock.monotonic();
  }

  /** Ends the link after a provable breach by its peer. Throws any other error, because it is this node's own failure. */
  judge(session: Session, error: unknown): void {
    const code = errorCode(error);
    if (code === 'protocol-version') return this.#greetedInOtherVersion(session, error as TabchainError);
    const isBreach = code.startsWith('encoding-') || code === 'block-oversized' || FALSE_PROOFS.has(code);
    if (!isBreach && !this.#ports.isRuleError(error)) throw error;
    this.#ports.log('warn', 'net/peer-violation', { peer: session.peerId, code });
    this.#discourage(session.peerId);
    session.close('violation');
  }

  /** Says goodbye to a peer of another version. The peer breaks no rule, and is this version's peer again after a reload. */
  #greetedInOtherVersion(session: Session, { details }: TabchainError): void {
    // A second hello is a fault in every version.
    if (session.claim !== null) return session.close('handshake');
    const version = Number(details['version']);
    this.#ports.log('info', 'net/other-version', { peer: session.peerId, version });
    this.otherVersions.note(session.peerId, version);
    session.close('version');
  }

  /**
   * Leaves one link to a peer. The lower id decides which, because otherwise both ends might cut a different one.
   * @param newest the session that has just become ready
   * @param ready all ready sessions
   */
  endDuplicates(newest: Session, ready: readonly Session[]): void {
    if (this.#ports.transport.peerId > newest.peerId) return;
    for (const other of ready) {
      if (other === newest || other.peerId !== newest.peerId) continue;
      (linkRank(other.link) < linkRank(newest.link) ? newest : other).close('duplicate');
    }
  }

  #discourage(peerId: string): void {
    const until = this.#ports.clock.monotonic() + DISCOURAGE_MS;
    this.#discouraged.delete(peerId);
    this.#discouraged.set(peerId, until);
    for (const oldest of this.#discouraged.keys()) {
      if (this.#discouraged.size <= MAX_DISCOURAGED) break;
      this.#discouraged.delete(oldest);
    }
  }
}
