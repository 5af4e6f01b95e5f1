import { TabchainError } from '../../../src/util/errors.ts';

/** One entry point of the program for bytes from a stranger. */
export interface FuzzTarget {
  readonly name: string;
  /** The input, and what must hold. */
  readonly about: string;
  /** Longest input worth trying. */
  readonly maxBytes: number;
  /** Complete, valid inputs to start from. */
  seeds(): readonly Uint8Array[] | Promise<readonly Uint8Array[]>;
  /** Texts that mutations insert. */
  readonly words?: readonly string[];
  /** Number of mutations in the suite's short run, for targets with slow inputs; 0 leaves the target to the long run. */
  readonly shortRuns?: number;
  /** Called once. Each call of the result runs one input; any error is a finding. */
  prepare(): Attempt | Promise<Attempt>;
}

export type Attempt = (input: Uint8Array) => void | Promise<void>;

/** A failure that the fuzzer reports. */
export class Finding extends Error {
  override readonly name = 'Finding';
}

export function must(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Finding(what);
}

/** The result, or null if `work` failed with one of the known codes; any other error is a finding. */
export function orRefused<T>(codes: RegExp, work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    return refused(codes, error);
  }
}

/** Like {@link orRefused}, for asynchronous work. */
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
