import { describe, expect, it } from 'vitest';
import { Mailbox } from '../../../src/node/mailbox.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the mailbox', () => {
  it('runs one task at a time, each to its end, in order', async () => {
    const mailbox = new Mailbox(() => undefined);
    const seen: string[] = [];
    const task = (name: string) => async () => {
      seen.push(`${name} begins`);
      await turn();
      seen.push(`${name} ends`);
      return name;
    };
    expect(await Promise.all([mailbox.ask(task('a')), mailbox.ask(task('b'))])).toEqual(['a', 'b']);
    expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
    expect(mailbox.size).toBe(0);
  });

  it("runs the node's own tasks before those of others, however many of those wait", async () => {
    const mailbox = new Mailbox(() => undefined);
    const seen: string[] = [];
    for (let i = 0; i < 3; i++) {
      mailbox.post(
        'net',
        async () => {
          seen.push(`peer ${i}`);
          if (i === 0) mailbox.post('mining', () => void seen.push('own block'));
          await turn();
        },
        'peers',
      );
    }
    mailbox.post('node', () => void seen.push('status'));
    expect(mailbox.size).toBe(5);
    await mailbox.ask(() => undefined, 'peers');
    expect(seen).toEqual(['status', 'peer 0', 'own block', 'peer 1', 'peer 2']);
  });

  it('starts a task only after its caller has returned, and survives failures', async () => {
    const failures: unknown[] = [];
    const mailbox = new Mailbox((level, event, details) => void failures.push([level, event, details?.['task'], details?.['code']]));
    let began = false;
    const done = mailbox.ask(() => (began = true));
    expect(began).toBe(false);
    await done;
    mailbox.post('net', () => Promise.reject(new RangeError('no')), 'peers');
    await expect(
      mailbox.ask(() => {
        throw new RangeError('mine');
      }),
    ).rejects.toThrow('mine');
    expect(await mailbox.ask(() => 'goes on', 'peers')).toBe('goes on');
    expect(failures).toEqual([['error', 'node/task-failed', 'net', 'internal']]);
  });
});
