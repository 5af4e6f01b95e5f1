import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Toasts } from '../../../src/ui/shell/toasts.svelte.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const texts = (toasts: Toasts): string[] => toasts.items.map(({ text }) => text);

describe('Toasts', () => {
  it('changes the text of a toast in place, and restarts its time', () => {
    const toasts = new Toasts();
    toasts.show({ key: 'tx', tone: 'pending', text: 'on its way' });
    toasts.show({ key: 'other', tone: 'plain', text: 'other' });
    const id = toasts.items[0]!.id;
    vi.advanceTimersByTime(5_000);
    toasts.show({ key: 'tx', tone: 'good', text: 'confirmed' });
    expect(texts(toasts)).toEqual(['confirmed', 'other']);
    expect(toasts.items[0]!.id).toBe(id);
    vi.advanceTimersByTime(5_000);
    expect(texts(toasts)).toEqual(['confirmed']);
    vi.advanceTimersByTime(5_000);
    expect(texts(toasts)).toEqual([]);
  });

  it('keeps bad news longer, and never more than four', () => {
    const toasts = new Toasts();
    for (const text of ['a', 'b', 'c', 'd', 'e']) toasts.show({ key: text, tone: text === 'e' ? 'bad' : 'good', text });
    expect(texts(toasts)).toEqual(['b', 'c', 'd', 'e']);
    vi.advanceTimersByTime(10_000);
    expect(texts(toasts)).toEqual(['e']);
  });

  it('keeps a toast that a person reads, and restarts its time afterwards', () => {
    const toasts = new Toasts();
    toasts.show({ key: 'tx', tone: 'pending', text: 'on its way' });
    const { id } = toasts.items[0]!;
    toasts.hold(id);
    vi.advanceTimersByTime(60_000);
    toasts.show({ key: 'tx', tone: 'good', text: 'confirmed' });
    vi.advanceTimersByTime(60_000);
    expect(texts(toasts)).toEqual(['confirmed']);
    toasts.release(id);
    vi.advanceTimersByTime(6_000);
    expect(texts(toasts)).toEqual(['confirmed']);
    vi.advanceTimersByTime(2_000);
    expect(texts(toasts)).toEqual([]);
    toasts.release(id);
  });

  it('shows a storm of blocks in one toast, with its count, a few times a minute', () => {
    const toasts = new Toasts();
    const told = new Set<string>();
    let id: number | undefined;
    for (let block = 1; block <= 300; block++) {
      toasts.tally('block', (count) => ({ tone: 'good', text: `${count} blocks` }));
      expect(toasts.items).toHaveLength(1);
      id ??= toasts.items[0]!.id;
      expect(toasts.items[0]!.id).toBe(id);
      told.add(toasts.items[0]!.text);
      vi.advanceTimersByTime(100);
    }
    // Half a minute with ten blocks a second.
    expect(told.size).toBeGreaterThan(3);
    expect(told.size).toBeLessThan(10);
    vi.advanceTimersByTime(4_000);
    expect(texts(toasts)).toEqual(['300 blocks']);
  });

  it('stays closed while the storm goes on', () => {
    const toasts = new Toasts();
    for (let second = 0; second < 30; second++) {
      toasts.tally('block', (count) => ({ tone: 'good', text: `${count}` }));
      if (second === 2) toasts.dismiss(toasts.items[0]!.id);
      if (second > 2) expect(toasts.items).toEqual([]);
      vi.advanceTimersByTime(1_000);
    }
    vi.advanceTimersByTime(10_000);
    toasts.tally('block', (count) => ({ tone: 'good', text: `${count}` }));
    expect(texts(toasts)).toEqual(['1']);
  });

  it('counts from zero after a pause', () => {
    const toasts = new Toasts();
    const block = (): void => toasts.tally('block', (count) => ({ tone: 'good', text: `${count}` }));
    block();
    block();
    vi.advanceTimersByTime(60_000);
    expect(toasts.items).toEqual([]);
    block();
    expect(texts(toasts)).toEqual(['1']);
  });
});
