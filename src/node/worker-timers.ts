import type { TimerId, Timers } from '../util/ports.ts';

/**
 * The timers of a worker. When a timer sets another timer of 0 ms, browsers delay it by 4 ms. Work that only yields to waiting calls and
 * messages would lose much of its time to this delay. So a timer of 0 ms is a message that the worker sends to itself.
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
      // Ids below 0, because the browser's timers have positive ids.
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
