/**
 * What simple-peer uses of the packages `readable-stream` and `buffer`, which are four fifths of its own bundle. The build gives simple-peer
 * these parts instead (vite.config.ts). Links send through the data channel itself (simple-peer-rtc.ts), so nothing here writes, pipes or holds back.
 */

// Each event has arguments of its own; simple-peer's types name them for its users.
type Listener = (...values: never[]) => void;

/** The events of Node's EventEmitter. */
class Emitter {
  readonly #listeners = new Map<string, Listener[]>();

  on(event: string, listener: Listener): this {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
    return this;
  }

  once(event: string, listener: Listener): this {
    const first: Listener = (...values) => {
      this.removeListener(event, first);
      listener.apply(this, values);
    };
    return this.on(event, first);
  }

  removeListener(event: string, listener: Listener): this {
    const left = this.#listeners.get(event)?.filter((other) => other !== listener) ?? [];
    this.#listeners.set(event, left);
    return this;
  }

  /** @throws the error of an `error` event to which nobody listens */
  emit(event: string, ...values: unknown[]): boolean {
    // A changed list is a new list, so listeners may remove themselves meanwhile.
    const listeners = this.#listeners.get(event) ?? [];
    if (event === 'error' && listeners.length === 0) throw values[0];
    for (const listener of listeners) listener.apply(this, values as never[]);
    return listeners.length > 0;
  }
}

/** A stream whose owner listens to `data` from the start: each pushed message becomes one event at once, as in object mode. */
export class Duplex extends Emitter {
  readonly _readableState = { ended: false };
  readonly _writableState = { finished: false };

  /** @param chunk null ends the stream */
  push(chunk: unknown): boolean {
    if (chunk === null) this._readableState.ended = true;
    else if (!this._readableState.ended) this.emit('data', chunk);
    return !this._readableState.ended;
  }

  end(): this {
    this._writableState.finished = true;
    return this;
  }
}

export const Buffer = {
  /** The bytes of a message, not copied. */
  from: (data: ArrayBuffer): Uint8Array => new Uint8Array(data),
};
