import { expect, test } from 'vitest';
import type { BlockOutcome, ChainPort } from '../../../src/chain/port.ts';
import { RuleError } from '../../../src/consensus/rule-error.ts';
import { BlockIntake } from '../../../src/net/block-intake.ts';
import type { NetContext } from '../../../src/net/context.ts';
import { MAX_GROUP_BLOCKS, MAX_GROUP_TRANSACTIONS } from '../../../src/net/peer-limits.ts';
import type { Session } from '../../../src/net/session.ts';
import type { DecodedBlock } from '../../../src/protocol/block.ts';

const session = {} as Session;
const block = (id: string, transactions = 1): DecodedBlock =>
  ({ id, transactions: Array.from({ length: transactions }) }) as unknown as DecodedBlock;

const connected: BlockOutcome = { status: 'connected' };

/** An intake over a chain that records its calls; `run` runs the waiting tasks. */
function setUp(accept: (ids: readonly string[]) => BlockOutcome[] = (ids) => ids.map(() => connected)) {
  const story: string[] = [];
  let tasks: (() => Promise<void>)[] = [];
  const chain = {
    prevalidate: ({ id }: DecodedBlock) => story.push(`prevalidate ${id}`),
    acceptBlocks: async (blocks: readonly DecodedBlock[]) => {
      const ids = blocks.map(({ id }) => id);
      story.push(`accept ${ids.join(' ')}`);
      return accept(ids);
    },
  } as unknown as ChainPort;
  const context = { chain, later: (task: () => Promise<void>) => tasks.push(task) } as unknown as NetContext;
  const intake = new BlockIntake(context, (_, { id }, outcome) =>
    story.push(`${id} ${outcome.status === 'rejected' ? outcome.error.code : outcome.status}`),
  );
  const run = async (): Promise<void> => {
    const now = tasks;
    tasks = [];
    for (const task of now) await task();
  };
  return { intake, story, run, waiting: () => tasks.length };
}

test('all arrived blocks are prevalidated first, and then connected together', async () => {
  const { intake, story, run } = setUp();
  for (const id of ['a', 'b']) intake.take(session, block(id));
  expect(story).toEqual(['prevalidate a', 'prevalidate b']);
  await run();
  expect(story.slice(2)).toEqual(['accept a b', 'a connected', 'b connected']);
  intake.take(session, block('c'));
  await run();
  expect(story.slice(5)).toEqual(['prevalidate c', 'accept c', 'c connected']);
});

test('many blocks, and many transactions, take several turns', async () => {
  const { intake, story, run, waiting } = setUp();
  for (let i = 0; i < MAX_GROUP_BLOCKS + 1; i++) intake.take(session, block(String(i)));
  intake.take(session, block('full', MAX_GROUP_TRANSACTIONS));
  intake.take(session, block('last'));
  while (waiting() > 0) await run();
  expect(story.filter((line) => line.startsWith('accept')).map((line) => line.split(' ').length - 1)).toEqual([MAX_GROUP_BLOCKS, 2, 1]);
});

test('each block gets its own outcome', async () => {
  const { intake, story, run } = setUp(() => [
    connected,
    { status: 'rejected', error: new RuleError('state-root-wrong') },
    { status: 'orphan' },
  ]);
  for (const id of ['a', 'b', 'c']) intake.take(session, block(id));
  await run();
  expect(story.slice(-3)).toEqual(['a connected', 'b state-root-wrong', 'c orphan']);
});

test('goes on after a failure of the chain itself, and drops waiting blocks on request', async () => {
  let fails = true;
  const { intake, story, run, waiting } = setUp((ids) => {
    if (fails) throw new Error('the disk is full');
    return ids.map(() => connected);
  });
  intake.take(session, block('a'));
  await expect(run()).rejects.toThrow('the disk is full');
  fails = false;
  intake.take(session, block('b'));
  await run();
  expect(story.at(-1)).toBe('b connected');
  intake.take(session, block('c'));
  intake.close();
  while (waiting() > 0) await run();
  expect(story.filter((line) => line.endsWith('connected'))).toEqual(['b connected']);
});
