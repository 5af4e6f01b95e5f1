import { must } from './target.ts';

/**
 * Bytes that `work` allocates by `new Uint8Array(length)`, `Uint8Array.from` and the like, counted by replacing the global. Shows any
 * length field that is used before it is checked, even if the memory is released at once.
 */
export function allocated(work: () => void): number {
  const real = globalThis.Uint8Array;
  let bytes = 0;
  globalThis.Uint8Array = new Proxy(real, {
    construct(target, args: [unknown, ...unknown[]], newTarget) {
      const made = Reflect.construct(target, args, newTarget as never) as Uint8Array;
      // A view of existing memory allocates none.
      if (!(args[0] instanceof ArrayBuffer)) bytes += made.length;
      return made;
    },
  });
  try {
    work();
  } finally {
    globalThis.Uint8Array = real;
  }
  return bytes;
}

/** Allowance for hash states and the like, for any input. */
const FIXED_BYTES = 16 * 1024;

/** Runs `work`, which may allocate memory only in proportion to its input. */
export function withinMemory(input: Uint8Array | string, timesInput: number, work: () => void): void {
  const bytes = allocated(work);
  const allowed = FIXED_BYTES + timesInput * input.length;
  must(bytes <= allowed, `It took ${bytes} bytes of memory for an input of ${input.length}.`);
}
