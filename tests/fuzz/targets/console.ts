import { addressText } from '../../../src/crypto/address.ts';
import { connectRemote, sendNote, type MessageEndpoint } from '../../../src/api/rpc.ts';
import type { QueryParams } from '../../../src/api/query.ts';
import type { QueryService } from '../../../src/page/query-messages.ts';
import { TabNode } from '../../../src/node/tab-node.ts';
import { MemoryMedium, MemoryRecords } from '../../../src/storage/disk/medium-memory.ts';
import { PageDisk } from '../../../src/storage/disk/page-disk.ts';
import { CHUNK_BYTES, PageFile } from '../../../src/storage/disk/page-file.ts';
import { errorCode } from '../../../src/util/errors.ts';
import { testAccount } from '../../scenarios/support/builders.ts';
import { bytesOf, jsonOr, testKey, textOf } from '../support/inputs.ts';
import { fakeMachine, loadSqlJs, populatedStore } from '../support/node.ts';
import { must, orRefusedLater, type FuzzTarget } from '../support/target.ts';

/** Codes with which the console API may refuse; each has a translated text. */
const REFUSALS =
  /^(argument-invalid|no-account|not-registered|address-invalid|network-invalid|link-other-network|recipient-(invalid|unknown)|amount-[a-z-]+|fee-[a-z-]+|memo-[a-z-]+|balance-insufficient|transfer-not-waiting|replacement-fee-too-low|name-(invalid|taken)|threads-invalid|throttle-invalid|gpu-unavailable)$/;

/** Read-only methods, with arguments as JSON arrays. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  transaction: ['["TXID"]'],
  history: ['[{"account":"ming","limit":5,"search":"tea","mined":true}]', '[{"before":"65536"}]', '[{"before":"p"}]', '[]', '[null]'],
  blocks: ['[{"limit":3,"before":2,"miner":"alex"}]', '[]'],
  block: ['[2]', '["2"]', '["TXID"]'],
  account: ['["ming"]', '["ADDRESS"]'],
  activity: ['["ming"]', '["ADDRESS"]'],
  people: ['[{"order":"balance","limit":2}]', '[{"order":"seen","after":"65536.1"}]', '[{"prefix":"mi"}]', '[]'],
  forks: ['[{"before":3,"heights":2}]', '[]'],
  search: ['["ming"]', '["3"]', '["ADDRESS"]', '["TXID"]'],
  mempool: ['[]'],
  previewTransfer: ['[{"to":"ming","amount":"1.5","fee":"0.01","memo":"hi","sealed":true}]', '[{"to":"ADDRESS","amount":1}]', '[]'],
  maximumAmount: ['[{"fee":"0.01"}]', '[]', '[null]'],
  checkName: ['["wu"]', '["ming"]'],
  mine: ['[false,{"threads":2,"throttle":50,"gpu":false}]', '[false,null]'],
  feeHint: ['[]'],
  feeLevels: ['[{"memo":"hi","sealed":true}]', '[]', '[null]'],
  previewReplacement: ['[{"txid":"WAITING","fee":"0.01"}]', '[{"txid":"WAITING","cancel":true}]', '[{"txid":"TXID"}]', '[]'],
};
const METHODS = Object.keys(CALLS);

/** The method's number, then its arguments as JSON. */
const call = (method: string, args: string): Uint8Array => Buffer.concat([Uint8Array.of(METHODS.indexOf(method)), bytesOf(args)]);

const api: FuzzTarget = {
  name: 'console',
  about: 'the node’s read methods with any arguments: an answer or a translated code, and no change',
  maxBytes: 400,
  shortRuns: 80,
  words: [
    'null',
    'true',
    '{}',
    '[]',
    '"limit":',
    '"before":',
    '"account":',
    '"to":"ming"',
    '"amount":',
    '"memo":',
    '"fee":',
    '1e309',
    '-1',
    '""',
  ],
  seeds: () => METHODS.flatMap((method) => CALLS[method]!.map((args) => call(method, args))),
  async prepare() {
    const { node, fingerprint, fill } = await openNode();
    const before = await fingerprint();
    return async (input) => {
      const method = METHODS[(input[0] ?? 0) % METHODS.length]!;
      const parsed = jsonOr(fill(textOf(input.subarray(1))));
      const args = Array.isArray(parsed) ? parsed : [parsed];
      const target = (method in node.reads ? node.reads : node) as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
      const answer = await orRefusedLater(REFUSALS, async () => ({ value: await target[method]!(...args) }));
      if (answer) structuredClone(answer.value);
      must((await fingerprint()) === before, `${method} has changed the node.`);
    };
  },
};

async function openNode() {
  const sqlJs = await loadSqlJs();
  const store = await populatedStore(sqlJs);
  const { header, id } = store.header(store.height())!;
  const txid = store.block(2)!.transactions[0]!.id;
  const waiting = store.ownTransactions()[0]!.id;
  const records = new MemoryRecords();
  const image = PageFile.from(store.export());
  store.close();
  await (await PageDisk.open(new MemoryMedium(records), 'writer')).save(() => ({ pages: image, height: header.height, tip: id }));
  const node = new TabNode(fakeMachine(sqlJs, records), { event: () => undefined, registerStep: () => undefined });
  const address = addressText(testAccount('alex').address);
  const binding = { account: { name: 'alex', address, keyFileSaved: true, keyKept: true }, fencingToken: 'reader' };
  await node.open({ fragment: '#net=fuzz&T=1000&pow=207fffff&stamp=207fffff', binding, chainChoice: 'whole', secure: true });
  await node.unlock({ signing: testKey('alex', 'signing'), encryption: testKey('alex', 'encryption') });
  return {
    node,
    fingerprint: async () => {
      const { tip, stateRoot, mempool, account, spendable, revision } = await node.status();
      return JSON.stringify([tip, stateRoot, mempool, account, spendable, revision]);
    },
    /** Replaces placeholders, because ids and addresses are too long to guess. */
    fill: (text: string) =>
      text
        .replaceAll('TXID', txid)
        .replaceAll('WAITING', waiting)
        .replaceAll('ADDRESS', addressText(testAccount('ming').address)),
  };
}

/** Statements that end soon, with places for the fuzzer's additions. SQLite has its own fuzzers. */
const STATEMENTS = [
  'SELECT * FROM block_list LIMIT 3',
  'SELECT name, balance FROM accounts WHERE name = :name',
  'SELECT ?, ?',
  'DELETE FROM blocks',
  'PRAGMA query_only = OFF',
  'SELECT 1; DELETE FROM blocks',
  'SELECT hex(signature) FROM transactions; ',
  'ATTACH ":memory:" AS other',
  'SELECT 9007199254740993',
];
/** Statements that may run long, such as joins and recursion. The page ends their worker, but here no one would. */
const MAY_RUN_LONG = /recursive|join|,.*,.*,|from.*from.*from|zeroblob|printf|format|replace|hex|quote|group_concat|\d{7}|e\d/is;

const query: FuzzTarget = {
  name: 'query',
  about: 'the SQL console with any statement and parameters: rows that can be posted or a code, and the copy does not change',
  maxBytes: 200,
  shortRuns: 100,
  words: [
    'SELECT ',
    ' FROM accounts',
    ' WHERE ',
    'PRAGMA ',
    ';',
    '--',
    '/*',
    "'",
    ':name',
    '?1',
    'blob',
    "x'00'",
    '|{"name":"ming"}',
    '|[1,null]',
  ],
  seeds: () =>
    [...STATEMENTS, 'SELECT :name|{"name":"ming"}', 'SELECT ?, ?|[1, null]', 'SELECT ?|[[1]]', 'SELECT :a|{"a":{}}'].map(bytesOf),
  async prepare() {
    const { endpoint, service } = await openQueryWorker();
    const sqlJs = await loadSqlJs();
    const store = await populatedStore(sqlJs);
    const image = store.export();
    store.close();
    const dump = 'SELECT group_concat(id || signature) FROM transactions';
    for (let at = 0; at < image.length; at += CHUNK_BYTES) sendNote(endpoint, image.slice(at, at + CHUNK_BYTES));
    await service.open();
    const before = JSON.stringify((await service.query(dump, null)).rows);
    return async (input) => {
      const [sql = '', parameters] = textOf(input).split('|');
      if (MAY_RUN_LONG.test(sql)) return;
      const params = parameters === undefined ? null : (jsonOr(parameters) as QueryParams);
      try {
        JSON.stringify(structuredClone(await service.query(sql, params)));
      } catch (error) {
        must(/^query-(failed|write|too-large)$/.test(errorCode(error)), `A query failed with ${String(error)}`);
      }
      const after = await service.query(dump, null);
      must(JSON.stringify(after.rows) === before, 'A query has changed the copy.');
    };
  },
};

/** Runs the worker's own code in this thread. */
async function openQueryWorker(): Promise<{ endpoint: MessageEndpoint; service: QueryService }> {
  type Listener = Parameters<MessageEndpoint['addEventListener']>[1];
  const listeners: { near: Listener; far: Listener } = { near: () => undefined, far: () => undefined };
  const end = (own: 'near' | 'far', other: 'near' | 'far'): MessageEndpoint => ({
    postMessage: (data) => listeners[other]({ data } as MessageEvent),
    addEventListener: (_type, listener) => (listeners[own] = listener),
  });
  Object.assign(globalThis, { self: end('far', 'near') });
  await import('../../../src/page/query.worker.ts');
  const endpoint = end('near', 'far');
  return { endpoint, service: connectRemote<QueryService>(endpoint, () => undefined).api };
}

export const CONSOLE_TARGETS: readonly FuzzTarget[] = [api, query];
