/** What the command line asks of a fuzzing thread. */
export interface FuzzOrder {
  readonly target: string;
  readonly seconds: number;
  readonly seed: string;
  /** Folder of inputs that have reached something new, kept between runs. */
  readonly corpus: string;
  /** One input to run instead. */
  readonly replay: Uint8Array | null;
  /** The input under way: its length and the count of attempts as u32, then its bytes. Read from outside when this thread is no more. */
  readonly current: SharedArrayBuffer;
}

export type FuzzReport =
  | { readonly type: 'targets'; readonly targets: readonly { readonly name: string; readonly about: string }[] }
  | { readonly type: 'finding'; readonly input: Uint8Array; readonly error: string }
  | { readonly type: 'done'; readonly executions: number; readonly places: number; readonly features: number; readonly corpus: number };

export const CURRENT_HEADER_BYTES = 8;
/** Longer than any target's longest input. */
export const MAX_INPUT_BYTES = 1 << 20;
