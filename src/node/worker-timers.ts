import type { TimerId, Timers } from '../util/ports.ts';

/**
 * The timers of a worker. Browsers make a timer of 0 ms that was set by another one last 4 ms; work that only lets calls and messages come
 * in between would stand still for a good part of its time. So "as soon as what waits has been heard" goes by a message to oneself.
 */
export function workerTimers(): Timers {
  const channel = new MessageChannel();
  const waiting = new Map<TimerId, () => void>();
  let nextId = -1;
  channel.port1.onmessage = ({ data }: MessageEvent<TimerId>) => {
    const callback = waiting.get(data);
    waiting.delete(data);
    callback?.();
  };
  return {
    set(callback, delayMs) {
      if (delayMs > 0) return setTimeout(callback, delayMs) as unknown as TimerId;
      // Below 0, where no timer of the browser is.
      const id = nextId--;
      waiting.set(id, callback);
      channel.port2.postMessage(id);
      return id;
    },
    clear(id) {
      if (id < 0) waiting.delete(id);
      else clearTimeout(id);
    },
  };
}
