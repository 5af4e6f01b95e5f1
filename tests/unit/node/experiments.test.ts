import type { SqlJsStatic } from 'sql.js';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ExperimentRequest, NodeEvent } from '../../../src/api/api.ts';
import type { Answers } from '../../../src/net/experiments.ts';
import type { CurrentLedger } from '../../../src/node/current-ledger.ts';
import { ExperimentDesk } from '../../../src/node/experiments.ts';
import { brokenRule } from '../../../src/node/judgement.ts';
import { Mailbox } from '../../../src/node/mailbox.ts';
import { makeOffer } from '../../../src/node/offers.ts';
import type { AccountSession } from '../../../src/node/own-account.ts';
import { encodeBlock } from '../../../src/protocol/block.ts';
import { decodeTransaction } from '../../../src/protocol/transaction.ts';
import type { ExperimentMessage, Offer } from '../../../src/protocol/wire-experiment.ts';
import { toHex } from '../../../src/util/bytes.ts';
import { BlockBuilder, registrationOf, testAccount, testNetwork, testVerifier, transferOf } from '../../scenarios/support/builders.ts';
import { feed, loadSqlJs, openNode, type TestNode } from '../chain/support.ts';
import { unlocked } from './support.ts';

const COIN = 1_000_000;
const network = testNetwork();
const builder = new BlockBuilder(network);
const [alex, ming, wu] = [testAccount('alex'), testAccount('ming'), testAccount('wu')];
const first = builder.next(builder.genesis, { miner: alex });
const second = builder.next(first, { miner: alex, transactions: [registrationOf(network, alex), registrationOf(network, ming)] });
const paid = transferOf(network, alex, { to: ming, amount: COIN, fee: 1_000, nonce: 0 });
const third = builder.next(second, { miner: ming, transactions: [paid] });
const fourth = builder.next(third, { miner: wu });
/** A valid block on the tip that no chain has. */
const fifth = builder.next(fourth, {
  miner: wu,
  transactions: [transferOf(network, alex, { to: ming, amount: COIN, fee: 1_000, nonce: 1 })],
});
const ALEX_TAB = '11'.repeat(8);

let sqlJs: SqlJsStatic;
let node: TestNode;
const verifier = testVerifier();
beforeAll(async () => {
  sqlJs = await loadSqlJs();
  node = await openNode(sqlJs, network);
  await feed(node, [first, second, third, fourth]);
});

const offerOf = (request: ExperimentRequest, account = alex): Promise<Offer> => makeOffer(node, unlocked(account), null, request);
const judged = async (request: ExperimentRequest): Promise<string | null> => brokenRule(node, verifier, await offerOf(request));

describe('an offer breaks', () => {
  test.each<[what: string, request: ExperimentRequest, code: string]>([
    ['coins that the account does not have', { payment: '1000000' }, 'balance-insufficient'],
    ['an old payment with another amount', { transaction: paid.id, amount: '900' }, 'nonce-already-used'],
    ['a block with another amount', { block: 3, change: { amount: { position: 0, amount: '900' } } }, 'transaction-root-wrong'],
    ['a block with another time', { block: 3, change: { header: { time: 5 } } }, 'time-not-after-parent'],
    ['a block with other bits', { block: 3, change: { header: { bits: '1e0fffff' } } }, 'bits-wrong'],
    ['a block on an unknown block', { block: 3, change: { header: { previous: 'ab'.repeat(32) } } }, 'experiment-parent-unknown'],
  ])('%s: its rule', async (_what, request, code) => expect(await judged(request)).toBe(code));

  test('a rule of signatures, where everything else fits', async () => {
    const { bytes } = await offerOf({ payment: '1' });
    const forged = bytes.slice();
    forged[forged.length - 1]! ^= 1;
    expect(brokenRule(node, verifier, { kind: 'transaction', bytes: forged })).toBe('signature-invalid');
    expect(brokenRule(node, verifier, { kind: 'transaction', bytes })).toBeNull();
  });

  test('no rule as a valid block, and its rule as a block whose accounts or supply are invented', () => {
    const offered = (block: typeof fifth) => brokenRule(node, verifier, { kind: 'block', bytes: encodeBlock(block) });
    expect(offered(fifth)).toBeNull();
    expect(offered(builder.next(fourth, { miner: wu, header: { stateRoot: new Uint8Array(32) } }))).toBe('state-root-wrong');
    expect(offered(builder.next(fourth, { miner: wu, header: { supply: 5 } }))).toBe('supply-wrong');
  });

  test.each([[0], [1], [5_000]])('the encoding, as %i bytes of rubbish', (length) => {
    for (const kind of ['transaction', 'block'] as const) {
      expect(brokenRule(node, verifier, { kind, bytes: new Uint8Array(length).fill(7) })).toMatch(/^encoding-/);
    }
  });

  test('nothing of the node', async () => {
    const before = toHex(node.store.export());
    await judged({ payment: '1000000' });
    await judged({ block: 3, change: { amount: { position: 0, amount: '900' } } });
    brokenRule(node, verifier, { kind: 'block', bytes: encodeBlock(fifth) });
    expect(toHex(node.store.export())).toBe(before);
    expect([node.mempool.ids(), node.chain.tip().id]).toEqual([[], fourth.id]);
  });
});

test('the offered payment goes to its own sender, so nobody else can gain by it later', async () => {
  const { transaction } = decodeTransaction((await offerOf({ payment: '1000000' })).bytes);
  expect(transaction).toMatchObject({ kind: 'transfer', sender: alex.address, recipient: alex.address, nonce: 1 });
});

test.each<[what: string, request: unknown, code: string]>([
  ['nothing', undefined, 'argument-invalid'],
  ['an amount of zero', { payment: '0' }, 'argument-invalid'],
  ['an amount that is none', { payment: 'much' }, 'amount-invalid'],
  ['an unknown transaction', { transaction: 'ff'.repeat(32), amount: '5' }, 'argument-invalid'],
  ['a registration', { transaction: second.transactions[0]!.id, amount: '5' }, 'argument-invalid'],
  ['an unknown block', { block: 99, change: {} }, 'argument-invalid'],
  ['genesis', { block: 0, change: {} }, 'argument-invalid'],
])('a request with %s is refused', async (_what, request, code) => {
  await expect(offerOf(request as ExperimentRequest)).rejects.toMatchObject({ code });
});

describe('the desk', () => {
  let sent: ExperimentMessage[];
  let events: NodeEvent[];
  const answers: Answers = {
    verdicts: new Map([
      ['aa'.repeat(8), 'balance-insufficient'],
      ['bb'.repeat(8), ''],
    ]),
    silent: ['cc'.repeat(8)],
    others: 2,
  };

  beforeEach(() => {
    sent = [];
    events = [];
  });

  function desk(account: AccountSession | null, peerId = ALEX_TAB): ExperimentDesk {
    const own = (): AccountSession => account ?? unlocked(wu);
    return new ExperimentDesk({
      env: { subtle: null, verifier, transport: { peerId } as never },
      mailbox: new Mailbox(() => undefined),
      current: { ledger: node, own } as unknown as CurrentLedger,
      net: () => ({ experiment: async (message) => (sent.push(message), answers) }),
      event: (event) => events.push(event),
    });
  }

  test('offers what breaks a rule, and reports every answer', async () => {
    expect(await desk(unlocked(alex)).run({ payment: '1000000' })).toMatchObject({
      kind: 'transaction',
      own: 'balance-insufficient',
      answers: [
        { peer: 'aa'.repeat(8), code: 'balance-insufficient' },
        { peer: 'bb'.repeat(8), code: null },
      ],
      silent: ['cc'.repeat(8)],
      others: 2,
    });
    expect(sent).toMatchObject([{ type: 'experiment', kind: 'transaction', account: alex.address }]);
  });

  test('sends nothing that breaks no rule, and nothing of somebody without key or registration', async () => {
    await expect(desk(unlocked(alex)).run({ payment: '1' })).rejects.toMatchObject({ code: 'experiment-valid' });
    const locked = unlocked(alex);
    locked.lock();
    await expect(desk(locked).run({ payment: '1000000' })).rejects.toMatchObject({ code: 'locked' });
    await expect(desk(unlocked(wu)).run({ payment: '1000000' })).rejects.toMatchObject({ code: 'not-registered' });
    expect(sent).toEqual([]);
  });

  test('judges what the other desk sent, and says by whom', async () => {
    await desk(unlocked(alex)).run({ payment: '1000000' });
    const other = desk(unlocked(ming), '22'.repeat(8));
    expect(await other.judge(sent[0]!, ALEX_TAB)).toBe('balance-insufficient');
    other.seen(sent[0]!, ALEX_TAB, 'balance-insufficient');
    expect(events).toMatchObject([
      { type: 'experiment', peer: ALEX_TAB, by: { name: 'alex' }, kind: 'transaction', code: 'balance-insufficient' },
    ]);
  });

  test('does not judge in the name of somebody who did not sign: another tab, another account, another offer', async () => {
    await desk(unlocked(alex)).run({ payment: '1000000' });
    const [message] = sent as [ExperimentMessage];
    const other = desk(unlocked(ming));
    expect(await other.judge(message, '33'.repeat(8))).toBeUndefined();
    expect(await other.judge({ ...message, account: ming.address }, ALEX_TAB)).toBeUndefined();
    expect(await other.judge({ ...message, account: wu.address }, ALEX_TAB)).toBeUndefined();
    expect(await other.judge({ ...message, bytes: Uint8Array.of(1) }, ALEX_TAB)).toBeUndefined();
    expect(await other.judge({ ...message, kind: 'block' }, ALEX_TAB)).toBeUndefined();
  });
});
