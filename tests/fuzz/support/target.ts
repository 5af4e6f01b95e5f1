import { TabchainError } from '../../../src/util/errors.ts';

/** One way into the program for bytes of a stranger. */
export interface FuzzTarget {
  readonly name: string;
  /** What is fed, and what must hold. */
  readonly about: string;
  /** Longest input worth trying. */
  readonly maxBytes: number;
  /** Whole, valid inputs to begin with. */
  seeds(): readonly Uint8Array[] | Promise<readonly Uint8Array[]>;
  /** Texts that mutations should know of. */
  readonly words?: readonly string[];
  /** Mutations in the short run of the suite, where an input costs more than most; 0 leaves the target to the long run. */
  readonly shortRuns?: number;
  /** Made once; each call is one input. Whatever it throws is a finding. */
  prepare(): Attempt | Promise<Attempt>;
}

export type Attempt = (input: Uint8Array) => void | Promise<void>;

/** Something that must never happen has happened. */
export class Finding extends Error {
  override readonly name = 'Finding';
}

export function must(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Finding(what);
}

/** The result, or null where it was refused with one of the known codes; any other failure is a finding. */
export function orRefused<T>(codes: RegExp, work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    return refused(codes, error);
  }
}

/** As {@link orRefused}, for what takes its time. */
export async function orRefusedLater<T>(codes: RegExp, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    return refused(codes, error);
  }
}

function refused(codes: RegExp, error: unknown): null {
  if (error instanceof TabchainError && codes.test(error.code)) return null;
  const what = error instanceof TabchainError ? `the code ${error.code}` : 'something that is no TabchainError';
  throw new Finding(`It failed with ${what}: ${String(error)}`, { cause: error });
}

export function mustEqual(actual: Uint8Array, expected: Uint8Array, what: string): void {
  must(Buffer.compare(actual, expected) === 0, what);
}
