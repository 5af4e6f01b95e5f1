import fc from 'fast-check';
import { expect, test } from 'vitest';
import { verifyStateChunk } from '../../../src/consensus/state-proof.ts';
import { AccountDownload } from '../../../src/net/join/account-download.ts';
import {
  ALL_KEYS,
  MAX_RANGES,
  parseProgress,
  progressText,
  shareOfKeys,
  splitRange,
  type KeyRange,
} from '../../../src/net/join/key-ranges.ts';
import { MAX_CHUNK_QUESTIONS } from '../../../src/net/peer-limits.ts';
import type { NetContext } from '../../../src/net/context.ts';
import type { Session } from '../../../src/net/session.ts';
import type { AccountState } from '../../../src/protocol/state-root.ts';
import type { Message, MessageOf } from '../../../src/protocol/wire.ts';
import { toHex } from '../../../src/util/bytes.ts';
import { makeAccounts, SnapshotChain } from './support/join-world.ts';

const key = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }).map((value) => value.toString(16).padStart(64, '0'));
const ranges = fc
  .uniqueArray(key, { maxLength: 2 * MAX_RANGES })
  .map((keys) => keys.sort())
  .map((keys): KeyRange[] => Array.from({ length: keys.length >> 1 }, (_, i) => ({ after: keys[2 * i]!, end: keys[2 * i + 1]! })));

test('a range is split into neighbours that make up the range', () => {
  fc.assert(
    fc.property(fc.uniqueArray(key, { minLength: 2, maxLength: 2 }), (keys) => {
      const [after, end] = keys.sort() as [string, string];
      const parts = splitRange({ after, end });
      expect([parts[0]!.after, parts.at(-1)!.end]).toEqual([after, end]);
      for (const [index, part] of parts.entries())
        expect([part.after < part.end, part.end]).toEqual([true, parts[index + 1]?.after ?? end]);
    }),
  );
  expect(splitRange(ALL_KEYS)).toHaveLength(MAX_RANGES);
  expect(shareOfKeys(splitRange(ALL_KEYS))).toBeCloseTo(1);
});

test('progress is read back as it was written', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }), ranges, (work, left) => {
      expect(parseProgress(progressText({ work, ranges: left }))).toEqual({ work, ranges: left });
    }),
  );
});

const [low, high] = [ALL_KEYS.after, ALL_KEYS.end];
const middle = `8${low.slice(1)}`;

test.each([
  ['no JSON', '{'],
  ['null', 'null'],
  ['a number', '7'],
  ['a list', '[]'],
  ['no ranges', '{"work":"1"}'],
  ['no work', `{"ranges":[]}`],
  ['work as a number', '{"work":1,"ranges":[]}'],
  ['work below 0', '{"work":"-1","ranges":[]}'],
  ['a range that is no list', '{"work":"1","ranges":[7]}'],
  ['a short key', '{"work":"1","ranges":[["00","ff"]]}'],
  ['capital digits', `{"work":"1","ranges":[["${low}","${high.toUpperCase()}"]]}`],
  ['a range backwards', `{"work":"1","ranges":[["${high}","${low}"]]}`],
  ['overlapping ranges', `{"work":"1","ranges":[["${low}","${high}"],["${middle}","${high}"]]}`],
  ['ranges out of order', `{"work":"1","ranges":[["${middle}","${high}"],["${low}","${middle}"]]}`],
  ['too many ranges', progressText({ work: 1n, ranges: splitRange(ALL_KEYS, MAX_RANGES + 1) })],
  ['a text of megabytes', ' '.repeat(5_000_000)],
])('progress with %s counts as none', (_, text) => {
  expect(parseProgress(text)).toBeNull();
});

/** Peers that keep their questions until the test answers. */
function desk(count: number): { context: NetContext; open: { session: Session; question: MessageOf<'getAccounts'> }[] } {
  const open: { session: Session; question: MessageOf<'getAccounts'> }[] = [];
  const sessions = Array.from({ length: count }, () => {
    const session = {
      claim: { height: 1_000, tip: '', work: 0n, base: 0 },
      ready: true,
      send: (question: Message) =>
        void open.push({ session: session as unknown as Session, question: question as MessageOf<'getAccounts'> }),
    };
    return session as unknown as Session;
  });
  const context = { ready: () => sessions, clock: { monotonic: () => 0 } } as unknown as NetContext;
  return { context, open };
}

test('every account is taken once, in whatever order peers answer, refuse and repeat, also after an interruption', () => {
  const chains = [0, 1, 9, 150].map((count) => new SnapshotChain(200, makeAccounts(count)));
  fc.assert(
    fc.property(fc.constantFrom(...chains), fc.integer({ min: 1, max: 5 }), fc.infiniteStream(fc.nat(999)), (chain, peers, dice) => {
      const next = (): number => dice.next().value!;
      const { context, open } = desk(peers);
      const taken: AccountState[] = [];
      let left: readonly KeyRange[] | null = null;
      const begin = (): AccountDownload =>
        new AccountDownload(context, { stateChunk: verifyStateChunk }, chain.base, left, (accounts, rest) => {
          taken.push(...accounts);
          left = parseProgress(progressText({ work: 1n, ranges: rest }))!.ranges;
        });
      let download = begin();
      let refusals = peers - 1;
      for (let steps = 0; !download.done; steps++) {
        expect(steps).toBeLessThan(1_000);
        download.schedule();
        if (next() < 30) [download, refusals, open.length] = [begin(), peers - 1, 0];
        else {
          const [{ session, question }] = open.splice(next() % open.length, 1) as [(typeof open)[0]];
          const isNew = download.asked(session, question.block, question.from);
          const isRefused = isNew && refusals > 0 && next() < 50 && refusals-- > 0;
          const chunk = isRefused ? null : chain.chunk(question.from, 2 + (next() % 20));
          download.onAccounts(session, question.block, question.from, chunk);
          const count = taken.length;
          if (chunk) download.onAccounts(session, question.block, question.from, chunk);
          expect(taken.length).toBe(count);
        }
        const perPeer = new Map<Session, number>();
        for (const { session } of open) perPeer.set(session, (perPeer.get(session) ?? 0) + 1);
        expect(Math.max(0, ...perPeer.values())).toBeLessThanOrEqual(MAX_CHUNK_QUESTIONS);
      }
      expect(taken.map(({ address }) => address).sort()).toEqual(chain.accounts.map(({ address }) => address).sort());
    }),
    { numRuns: 60 },
  );
});

test('a peer is asked only for the next chunk of a range, and one peer at a time', () => {
  const chain = new SnapshotChain(200, makeAccounts(100));
  const { context, open } = desk(3);
  const download = new AccountDownload(context, { stateChunk: verifyStateChunk }, chain.base, null, () => undefined);
  download.schedule();
  download.schedule();
  expect(open.map(({ question }) => toHex(question.from))).toEqual([ALL_KEYS.after]);
});
