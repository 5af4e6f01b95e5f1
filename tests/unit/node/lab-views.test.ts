import type { SqlJsStatic } from 'sql.js';
import { beforeAll, describe, expect, test } from 'vitest';
import type { ChainChangeRequest, ChainTrial } from '../../../src/api/api.ts';
import { verifyPkcs1 } from '../../../src/crypto/rsa/verify.ts';
import { Views } from '../../../src/node/views/views.ts';
import { workOfBits } from '../../../src/protocol/target.ts';
import { fromHex, toHex, utf8 } from '../../../src/util/bytes.ts';
import { BlockBuilder, registrationOf, testAccount, testNetwork, transferOf } from '../../scenarios/support/builders.ts';
import { feed, loadSqlJs, openNode, type TestNode } from '../chain/support.ts';
import { unlocked } from './support.ts';

const COIN = 1_000_000;
const network = testNetwork();
const builder = new BlockBuilder(network);
const [alex, ming, wu] = [testAccount('alex'), testAccount('ming'), testAccount('wu')];
const first = builder.next(builder.genesis, { miner: alex });
const second = builder.next(first, { miner: alex, transactions: [registrationOf(network, alex), registrationOf(network, ming)] });
const third = builder.next(second, {
  miner: ming,
  transactions: [transferOf(network, alex, { to: ming, amount: COIN, fee: 1_000, nonce: 0 })],
});
const chain = [first, second, third];
for (let i = 0; i < 30; i++) chain.push(builder.next(chain.at(-1)!, { miner: wu }));
const lost = builder.next(second, { miner: wu, timeMs: third.header.timeMs + 1 });

let sqlJs: SqlJsStatic;
let node: TestNode;
let views: Views;
beforeAll(async () => {
  sqlJs = await loadSqlJs();
  node = await openNode(sqlJs, network);
  await feed(node, [...chain, lost]);
  views = new Views(node, unlocked(alex), null);
});

describe('an altered chain', () => {
  const altered = async (change: ChainChangeRequest, at: string | number = 3): Promise<ChainTrial> => (await views.alterChain(at, change))!;
  const codes = ({ later }: ChainTrial): (string | null)[] => later.map(({ refusedBy }) => refusedBy);

  test('without a change keeps all rules, also where the links are written again', async () => {
    for (const relink of [false, true]) {
      const trial = await altered({ relink });
      expect(trial).toMatchObject({ above: 30, checked: 30, refused: 0, block: { refusedBy: null } });
      expect(trial.later.map(({ id }) => id)).toEqual(chain.slice(3).map(({ id }) => id));
    }
  });

  test('with another time: the next block names another block, and all others commit to another history', async () => {
    const trial = await altered({ header: { time: third.header.timeMs - 1 } });
    expect(codes(trial)).toEqual(['previous-wrong', ...Array<string>(29).fill('history-root-wrong')]);
    expect(trial.refused).toBe(30);
  });

  test('whose links are written again: each later block has another id, and its seal holds by luck alone', async () => {
    const trial = await altered({ header: { time: third.header.timeMs - 1 }, relink: true });
    for (const [i, later] of trial.later.entries()) {
      expect(later.id).not.toBe(chain[i + 3]!.id);
      expect(later.previous).toBe(i === 0 ? trial.block.id : trial.later[i - 1]!.id);
    }
    // Half of all hashes are low enough in this network.
    expect(new Set(codes(trial))).toEqual(new Set([null, 'seal-above-target']));
    expect(trial.refused).toBe(codes(trial).filter((code) => code !== null).length);
  });

  test('with another amount under the old root: only the block itself is broken', async () => {
    const trial = await altered({ amount: { position: 0, amount: '5' } });
    expect(trial).toMatchObject({ refused: 0, block: { id: third.id, refusedBy: 'transaction-root-wrong' } });
    const rooted = await altered({ amount: { position: 0, amount: '5' }, rootToo: true });
    expect(rooted.later[0]!.refusedBy).toBe('previous-wrong');
    expect(rooted.block.id).not.toBe(third.id);
  });

  test('says the work of all blocks from the altered one on, and how long the network takes for it', async () => {
    const trial = await altered({ header: { time: 5 } });
    const work = chain.slice(2).reduce((sum, { header }) => sum + workOfBits(header.bits), 0n);
    expect(trial.work).toBe(String(work));
    expect(trial.seconds).toBeGreaterThan(0);
  });

  test('is null for a block that cannot be altered, and changes nothing', async () => {
    const before = toHex(node.store.export());
    for (const at of [0, 99, lost.id, 'ff'.repeat(32)]) expect(await views.alterChain(at, {})).toBeNull();
    await expect(views.alterChain(3, { header: { nonce: 'zz' } })).rejects.toMatchObject({ code: 'argument-invalid' });
    await altered({ header: { miner: 'ming' }, relink: true });
    expect(toHex(node.store.export())).toBe(before);
  });
});

describe('a signed text', () => {
  test('has the numbers of a real signature, which the node and anybody else can check', async () => {
    const signed = await views.signText('我欠小明五幣');
    expect(signed).toMatchObject({
      text: '我欠小明五幣',
      signer: { name: 'alex' },
      networkId: network.id,
      modulus: toHex(alex.signingModulus),
    });
    const message = fromHex(signed.domain + signed.networkId + signed.body);
    expect(verifyPkcs1(fromHex(signed.modulus), message, fromHex(signed.signature))).toBe(true);
    const { signature, text } = signed;
    expect(await views.checkText({ signer: 'alex', text, signature })).toBe(true);
    expect(await views.checkText({ signer: signed.signer.address, text, signature })).toBe(true);
  });

  test('fails with another letter, another bit, and another signer', async () => {
    const { signature, text } = await views.signText('I owe 5 coins');
    expect(await views.checkText({ signer: 'alex', text: 'I owe 6 coins', signature })).toBe(false);
    const flipped = fromHex(signature);
    flipped[255]! ^= 1;
    expect(await views.checkText({ signer: 'alex', text, signature: toHex(flipped) })).toBe(false);
    expect(await views.checkText({ signer: 'ming', text, signature })).toBe(false);
    expect(await views.checkText({ signer: 'nobody', text, signature })).toBeNull();
  });

  test('is no signature of a transaction', async () => {
    const { domain } = await views.signText('x');
    expect(domain.startsWith(toHex(utf8('tabchain transaction')))).toBe(false);
  });

  test.each([['x'.repeat(1_001)], ['字'.repeat(334)], [5], [undefined]])('is refused for %j', async (text) => {
    await expect(views.signText(text)).rejects.toMatchObject({ code: 'argument-invalid' });
  });

  test('needs an account and its key', async () => {
    await expect(new Views(node, null, null).signText('x')).rejects.toMatchObject({ code: 'no-account' });
    const locked = unlocked(alex);
    locked.lock();
    await expect(new Views(node, locked, null).signText('x')).rejects.toMatchObject({ code: 'locked' });
    await expect(views.checkText(undefined)).rejects.toMatchObject({ code: 'argument-invalid' });
  });
});
