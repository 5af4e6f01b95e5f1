import { must } from './target.ts';

/**
 * Bytes that `work` asks for through `new Uint8Array(length)`, `Uint8Array.from` and the like, counted by standing in for the global:
 * a length field that is believed before it is checked shows up here, however quickly the memory is given back.
 */
export function allocated(work: () => void): number {
  const real = globalThis.Uint8Array;
  let bytes = 0;
  globalThis.Uint8Array = new Proxy(real, {
    construct(target, args: [unknown, ...unknown[]], newTarget) {
      const made = Reflect.construct(target, args, newTarget as never) as Uint8Array;
      // A view on memory that is there already takes none.
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

/** Hash states and the like, whatever the input. */
const FIXED_BYTES = 16 * 1024;

/** Runs `work`, which may take memory in proportion to its input alone. */
export function withinMemory(input: Uint8Array | string, timesInput: number, work: () => void): void {
  const bytes = allocated(work);
  const allowed = FIXED_BYTES + timesInput * input.length;
  must(bytes <= allowed, `It took ${bytes} bytes of memory for an input of ${input.length}.`);
}
