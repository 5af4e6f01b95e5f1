import { afterEach, describe, expect, it, vi } from 'vitest';
import { ConsoleLog } from '../../../src/util/log.ts';

describe('the log in the console', () => {
  afterEach(() => vi.restoreAllMocks());

  /** Events that the console shows if these areas were requested. */
  function shownWith(areas: string | null): unknown[] {
    const shown: unknown[] = [];
    for (const level of ['debug', 'info', 'warn', 'error'] as const) {
      vi.spyOn(console, level).mockImplementation((event: unknown) => void shown.push(event));
    }
    const sink = new ConsoleLog();
    if (areas !== null) sink.show(areas);
    sink.log('info', 'net/peer-ready', { height: 3 });
    sink.log('debug', 'chain/block-held', {});
    sink.log('warn', 'storage/write-refused', {});
    sink.log('error', 'node/task-failed', {});
    return shown;
  }

  it('shows errors, and only the requested areas', () => {
    expect(shownWith(null)).toEqual(['node/task-failed']);
    expect(shownWith('')).toEqual(['node/task-failed']);
    expect(shownWith('net')).toEqual(['net/peer-ready', 'node/task-failed']);
    expect(shownWith('chain, net')).toEqual(['net/peer-ready', 'chain/block-held', 'node/task-failed']);
    expect(shownWith('*')).toHaveLength(4);
  });
});
