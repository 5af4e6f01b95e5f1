import { describe, expect, it } from 'vitest';
import { Loaded } from '../../../src/ui/state/loaded.svelte.ts';

/** A fetch that ends on request. */
function pending<T>(): { fetch: () => Promise<T>; end: (value: T) => void; fail: (error: unknown) => void } {
  let end!: (value: T) => void;
  let fail!: (error: unknown) => void;
  const promise = new Promise<T>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });
  return { fetch: () => promise, end, fail };
}

describe('Loaded', () => {
  it('keeps the former value until the newer one is there, and after a failure', async () => {
    const loaded = new Loaded<number>();
    await loaded.load(async () => 1);
    const next = pending<number>();
    const loading = loaded.load(next.fetch);
    expect([loaded.value, loaded.loading]).toEqual([1, true]);
    next.fail({ code: 'internal' });
    await loading;
    expect([loaded.value, loaded.loading]).toEqual([1, false]);
    expect(loaded.error).toEqual({ code: 'internal' });
    await loaded.load(async () => 2);
    expect([loaded.value, loaded.error]).toEqual([2, undefined]);
  });

  it('runs only the last of many calls during a fetch, but shows that fetch too: a fast chain must not starve the screen', async () => {
    const loaded = new Loaded<number>();
    const first = pending<number>();
    const calls: number[] = [];
    const loading = loaded.load(first.fetch);
    const last = pending<number>();
    for (const n of [2, 3]) void loaded.load(async () => calls.push(n));
    void loaded.load(() => {
      calls.push(4);
      return last.fetch();
    });
    first.end(1);
    await expect.poll(() => loaded.value).toBe(1);
    last.end(40);
    await loading;
    expect([loaded.value, calls]).toEqual([40, [4]]);
  });

  it('never shows a result fetched for a former subject', async () => {
    const loaded = new Loaded<string>();
    const slow = pending<string>();
    const loading = loaded.load(slow.fetch);
    loaded.clear();
    void loaded.load(async () => 'new');
    slow.end('old');
    await loading;
    expect(loaded.value).toBe('new');
    const failing = pending<string>();
    const again = loaded.load(failing.fetch);
    loaded.clear();
    failing.fail(new Error('old'));
    await again;
    expect([loaded.value, loaded.error]).toEqual([undefined, undefined]);
  });
});
