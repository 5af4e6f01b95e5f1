/** The request from the command line to a fuzzing thread. */
export interface FuzzOrder {
  readonly target: string;
  readonly seconds: number;
  readonly seed: string;
  /** Folder of inputs that reached new code, kept between runs. */
  readonly corpus: string;
  /** A single input to run instead of fuzzing. */
  readonly replay: Uint8Array | null;
  /** The current input: its length and the number of attempts as u32, then its bytes. Readable after this thread has died. */
  readonly current: SharedArrayBuffer;
}

export type FuzzReport =
  | { readonly type: 'targets'; readonly targets: readonly { readonly name: string; readonly about: string }[] }
  | { readonly type: 'finding'; readonly input: Uint8Array; readonly error: string }
  | { readonly type: 'done'; readonly executions: number; readonly places: number; readonly features: number; readonly corpus: number };

export const CURRENT_HEADER_BYTES = 8;
/** More than the longest input of any target. */
export const MAX_INPUT_BYTES = 1 << 20;
