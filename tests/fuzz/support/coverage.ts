const MAX_PLACES = 32_768;

/**
 * The counters of the instrumented code: one number for each branch (see instrument.ts). The first loaded module creates them.
 */
interface Shared {
  fuzzCounters?: Uint32Array;
  /** Number of counters in use. */
  fuzzPlaces?: number;
}

/** JavaScript expression for the counters, for a module whose last place has number `places` - 1. */
export function countersExpression(places: number): string {
  const used = `globalThis.fuzzPlaces = Math.max(globalThis.fuzzPlaces ?? 0, ${places})`;
  return `(${used}, globalThis.fuzzCounters ??= new Uint32Array(${MAX_PLACES}))`;
}

const shared = globalThis as Shared;
const counters: Uint32Array = (shared.fuzzCounters ??= new Uint32Array(MAX_PLACES));

/** Which places were reached, and how often by order of magnitude: AFL's classes of hit counts, one bit each. */
export class Coverage {
  readonly #seen = new Uint8Array(MAX_PLACES);
  places = 0;
  features = 0;

  reset(): void {
    counters.fill(0, 0, shared.fuzzPlaces);
  }

  /** Adds the coverage of the last input. @returns whether any of it was new */
  learn(): boolean {
    let isNew = false;
    const used = shared.fuzzPlaces ?? 0;
    for (let place = 0; place < used; place++) {
      const count = counters[place]!;
      if (count === 0) continue;
      const bit = 1 << hitClass(count);
      const seen = this.#seen[place]!;
      if ((seen & bit) !== 0) continue;
      if (seen === 0) this.places++;
      this.#seen[place] = seen | bit;
      this.features++;
      isNew = true;
    }
    return isNew;
  }
}

function hitClass(count: number): number {
  if (count <= 3) return count - 1;
  if (count < 8) return 3;
  if (count < 16) return 4;
  if (count < 32) return 5;
  return count < 128 ? 6 : 7;
}
