import { describe, expect, test } from 'vitest';
import { connectRemote, sendNote, serve } from '../../../src/api/rpc.ts';
import { TabchainError } from '../../../src/util/errors.ts';

interface Calculator {
  add(a: number, b: number): Promise<number>;
  fail(kind: 'typed' | 'untyped'): Promise<never>;
  bytes(): Promise<Uint8Array>;
}

const calculator: Calculator = {
  add: async (a, b) => a + b,
  fail: async (kind) => {
    throw kind === 'typed' ? new TabchainError('amount-invalid', 'No.', { field: 'coins' }) : new TypeError('Oh.');
  },
  bytes: async () => Uint8Array.of(1, 2, 3),
};

/** Both ends of a real channel, whose messages are cloned as between threads. */
function connected(): { remote: ReturnType<typeof connectRemote<Calculator>>; noted: unknown[]; near: MessagePort; close: () => void } {
  const { port1: near, port2: far } = new MessageChannel();
  const noted: unknown[] = [];
  serve<Calculator>(far, calculator, (note) => noted.push(note));
  const remote = connectRemote<Calculator>(near, () => undefined);
  for (const port of [near, far]) port.start();
  return { remote, noted, near, close: () => near.close() };
}

describe('calls between threads', () => {
  test('are answered, each its own, whatever the order', async () => {
    const { remote, close } = connected();
    expect(await Promise.all([remote.api.add(1, 2), remote.api.bytes(), remote.api.add(3, 4)])).toEqual([3, Uint8Array.of(1, 2, 3), 7]);
    close();
  });

  test('bring errors across with their code, and name those that have none', async () => {
    const { remote, close } = connected();
    await expect(remote.api.fail('typed')).rejects.toMatchObject({ code: 'amount-invalid', details: { field: 'coins' } });
    await expect(remote.api.fail('untyped')).rejects.toMatchObject({ code: 'internal', message: 'Oh.' });
    const strange = remote.api as unknown as { nothing(): Promise<void> };
    await expect(strange.nothing()).rejects.toMatchObject({ code: 'internal' });
    close();
  });

  test('refuse what no thread can send, and go on', async () => {
    const { remote, close } = connected();
    const junk = (() => 1) as unknown as number;
    await expect(remote.api.add(1, junk)).rejects.toMatchObject({ code: 'argument-invalid', details: { field: 'add' } });
    expect(await remote.api.add(1, 1)).toBe(2);
    close();
  });

  test('keep their order with notes', async () => {
    const { remote, noted, near, close } = connected();
    sendNote(near, 'first');
    await remote.api.add(1, 1);
    expect(noted).toEqual(['first']);
    close();
  });

  test('end all at once when the far side has died, and begin no more', async () => {
    const { port1 } = new MessageChannel();
    const remote = connectRemote<Calculator>(port1, () => undefined);
    const waiting = [remote.api.add(1, 2), remote.api.add(3, 4)];
    remote.fail(new TabchainError('node-stopped', 'Gone.'));
    for (const call of [...waiting, remote.api.add(5, 6)]) await expect(call).rejects.toMatchObject({ code: 'node-stopped' });
    port1.close();
  });
});
