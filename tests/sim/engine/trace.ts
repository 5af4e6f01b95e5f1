import { createHash, type Hash } from 'node:crypto';

/** Lines kept for the report of a failure. */
const TAIL_LINES = 60;

/** The events of a run: their hash, which two runs of one seed must share, and the last lines as text. */
export class Trace {
  readonly #hash: Hash = createHash('sha256');
  readonly #tail: string[] = [];
  readonly #now: () => number;
  readonly #startMs: number;
  readonly #print: boolean;
  #digest: string | null = null;

  /** @param print also writes every line to stderr */
  constructor(now: () => number, print: boolean) {
    this.#now = now;
    this.#startMs = now();
    this.#print = print;
  }

  /** Records an event as a line for people to read. */
  note(who: string, text: string): void {
    const line = `${((this.#now() - this.#startMs) / 1000).toFixed(3).padStart(9)} ${who.padEnd(6)} ${text}`;
    this.#hash.update(line).update('\n');
    this.#tail.push(line);
    if (this.#tail.length > TAIL_LINES) this.#tail.shift();
    if (this.#print) process.stderr.write(`${line}\n`);
  }

  /** Records bytes that a link delivered. */
  bytes(who: string, bytes: Uint8Array): void {
    this.#hash.update(`${this.#now()} ${who} ${bytes.length} `).update(bytes);
  }

  tail(): readonly string[] {
    return this.#tail;
  }

  digest(): string {
    this.#digest ??= this.#hash.digest('hex');
    return this.#digest;
  }
}
