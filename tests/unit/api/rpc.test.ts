import { describe, expect, test } from 'vitest';
import { connectRemote, sendNote, serve, type Remote } from '../../../src/api/rpc.ts';
import { callRead, forwardReads, READ_METHODS } from '../../../src/api/service.ts';
import { TabchainError } from '../../../src/util/errors.ts';

interface Calculator {
  add(a: number, b: number): Promise<number>;
  fail(kind: 'typed' | 'untyped'): Promise<never>;
  bytes(): Promise<Uint8Array>;
  view(): Promise<Uint8Array>;
  unsendable(): Promise<unknown>;
}

const whole = Uint8Array.of(1, 2, 3, 4);

const calculator: Calculator = {
  add: async (a, b) => a + b,
  fail: async (kind) => {
    throw kind === 'typed' ? new TabchainError('amount-invalid', 'No.', { field: 'coins' }) : new TypeError('Oh.');
  },
  bytes: async () => Uint8Array.of(1, 2, 3),
  view: async () => whole.subarray(1, 3),
  unsendable: async () => ({ callback: () => 1 }),
};

/** Both ends of a real channel, which clones messages as between threads. */
function connected() {
  const { port1: near, port2: far } = new MessageChannel();
  const noted: unknown[] = [];
  const told: unknown[] = [];
  serve<Calculator>(far, calculator, (note) => noted.push(note));
  const remote: Remote<Calculator> = connectRemote(near, (note) => told.push(note));
  for (const port of [near, far]) port.start();
  return { remote, noted, told, near, far, close: () => near.close() };
}

describe('calls between threads', () => {
  test('each get their own answer, in any order', async () => {
    const { remote, close } = connected();
    expect(await Promise.all([remote.api.add(1, 2), remote.api.bytes(), remote.api.add(3, 4)])).toEqual([3, Uint8Array.of(1, 2, 3), 7]);
    close();
  });

  test('carry errors with their code, and give a code to errors without one', async () => {
    const { remote, close } = connected();
    await expect(remote.api.fail('typed')).rejects.toMatchObject({ code: 'amount-invalid', details: { field: 'coins' } });
    await expect(remote.api.fail('untyped')).rejects.toMatchObject({ code: 'internal', message: 'Oh.' });
    const strange = remote.api as unknown as { nothing(): Promise<void> };
    await expect(strange.nothing()).rejects.toMatchObject({ code: 'internal' });
    close();
  });

  test('refuse values that cannot be cloned, and go on', async () => {
    const { remote, close } = connected();
    const junk = (() => 1) as unknown as number;
    await expect(remote.api.add(1, junk)).rejects.toMatchObject({ code: 'argument-invalid', details: { field: 'add' } });
    expect(await remote.api.add(1, 1)).toBe(2);
    close();
  });

  test('keep their order relative to notes, in both directions', async () => {
    const { remote, noted, told, near, far, close } = connected();
    sendNote(near, 'first');
    const answer = remote.api.add(1, 1);
    sendNote(far, { kind: 'second' });
    await answer;
    expect([noted, told]).toEqual([['first'], [{ kind: 'second' }]]);
    close();
  });

  test('transfer bytes that own their buffer, and copy bytes that are part of a larger one', async () => {
    const { remote, close } = connected();
    expect(await remote.api.bytes()).toEqual(Uint8Array.of(1, 2, 3));
    expect(await remote.api.view()).toEqual(Uint8Array.of(2, 3));
    expect(whole).toEqual(Uint8Array.of(1, 2, 3, 4));
    close();
  });

  test('fail if the answer cannot be cloned', async () => {
    const { remote, close } = connected();
    await expect(remote.api.unsendable()).rejects.toMatchObject({ code: 'internal' });
    expect(await remote.api.add(1, 1)).toBe(2);
    close();
  });

  test('report an unknown method', async () => {
    const { remote, close } = connected();
    const strange = remote.api as unknown as Record<string, () => Promise<unknown>>;
    for (const name of ['nothing', '__proto__', '']) {
      await expect(strange[name]!()).rejects.toMatchObject({ code: 'internal', message: `No such method: ${name}` });
    }
    close();
  });

  test('survive messages of another shape, on either side', async () => {
    const { remote, noted, told, near, far, close } = connected();
    const junk = [null, 1, 'call', [], {}, { rpc: 'other' }, { rpc: 7 }, { rpc: 'result' }, { rpc: 'result', id: 99, value: 'late' }];
    for (const message of junk) {
      near.postMessage(message);
      far.postMessage(message);
    }
    expect(await remote.api.add(20, 3)).toBe(23);
    expect([noted, told]).toEqual([[], []]);
    close();
  });

  test('are not started by awaiting the remote itself', async () => {
    const { remote, close } = connected();
    expect(await remote.api).toBe(remote.api);
    close();
  });

  test('all fail when the far side has died, and later calls fail too', async () => {
    const { port1 } = new MessageChannel();
    const remote = connectRemote<Calculator>(port1, () => undefined);
    const waiting = [remote.api.add(1, 2), remote.api.add(3, 4)];
    remote.fail(new TabchainError('node-stopped', 'Gone.'));
    for (const call of [...waiting, remote.api.add(5, 6)]) await expect(call).rejects.toMatchObject({ code: 'node-stopped' });
    port1.close();
  });
});

describe('the methods that only read', () => {
  test('are all forwarded by name, with their arguments', async () => {
    const asked: unknown[] = [];
    const reads = forwardReads(async (method, args) => {
      asked.push([method, ...args]);
      return `answer of ${method}`;
    });
    for (const method of READ_METHODS) expect(await callRead(reads, method, [1, 'two'])).toBe(`answer of ${method}`);
    expect(asked).toEqual(READ_METHODS.map((method) => [method, 1, 'two']));
  });
});
