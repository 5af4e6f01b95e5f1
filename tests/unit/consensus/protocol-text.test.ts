import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { RULES } from '../../../src/consensus/rule-error.ts';
import { NAME_PATTERN } from '../../../src/protocol/transactions/registration.ts';
import { BYE_REASONS, encodeMessage, type Message } from '../../../src/protocol/wire.ts';
import texts from '../../vectors/texts.json' with { type: 'json' };

const root = new URL('../../../', import.meta.url);
const text = readFileSync(new URL('src/PROTOCOL.md', root), 'utf8');

describe('PROTOCOL.md', () => {
  test('lists every rule of the code once, and no other', () => {
    const listed = [...text.matchAll(/^\| `([a-z]+(?:-[a-z]+)+)` \|/gm)]
      .map((match) => match[1]!)
      .filter((code) => !code.startsWith('encoding-'));
    expect(listed.toSorted()).toEqual(Object.keys(RULES).toSorted());
  });

  test('has the name pattern and the memo ranges of the code', () => {
    expect(text).toContain('`' + NAME_PATTERN.source + '`');
    const listed = /Unicode tables differ between programs\): (.*?)\.\n/s.exec(text)![1]!;
    const ranges = listed
      .replace(/U\+|\s/g, '')
      .toLowerCase()
      .split(',')
      .map((range) => range.split('–').map((code) => Number.parseInt(code, 16)));
    expect(ranges.map(([low, high]) => [low, high ?? low])).toEqual(
      texts.memoRefusedRanges.map((range) => range.map((code) => Number.parseInt(code, 16))),
    );
  });

  test('numbers reasons and messages as the code does', () => {
    const reasons = /\*\*Reasons\*\*: (.*?)\.\n/s.exec(text)![1]!.replace(/\s+/g, ' ');
    expect(reasons).toBe(BYE_REASONS.map((reason, code) => `${code} ${reason}`).join(', '));
    const id = '00'.repeat(32);
    const messages: Message[] = [
      { type: 'pong', nonce: 0, clockMs: 0 },
      { type: 'getHeaders', locator: [] },
      { type: 'headers', headers: [] },
      { type: 'inventory', kind: 'block', ids: [] },
      { type: 'getData', kind: 'block', ids: [] },
      { type: 'notFound', kind: 'block', ids: [] },
      { type: 'getBlockTransactions', blockId: id, indexes: [] },
      { type: 'blockTransactions', blockId: id, transactions: [] },
      { type: 'getMempool' },
      { type: 'bye', reason: 'leaving' },
      { type: 'getTail', tip: id },
      { type: 'tail', tip: id, tail: null },
      { type: 'getSamples', before: id, points: [] },
      { type: 'samples', before: id, samples: null },
      { type: 'getAccounts', block: id, from: new Uint8Array(32) },
      { type: 'accounts', block: id, from: new Uint8Array(32), chunk: null },
      { type: 'experiment', kind: 'block', account: '00'.repeat(20), signature: new Uint8Array(256), bytes: new Uint8Array(1) },
      { type: 'verdict', offer: id, code: '' },
    ];
    for (const message of messages) expect(text).toContain(`| ${encodeMessage(message)[0]} | ${message.type} |`);
  });

  test('names every vector file', () => {
    for (const file of readdirSync(new URL('tests/vectors/', root))) expect(text).toContain('`' + file + '`');
  });
});

test('every rule has a scenario that names its code', () => {
  const scenarios = new URL('tests/scenarios/', root);
  const tested = readdirSync(scenarios)
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => readFileSync(new URL(name, scenarios), 'utf8'))
    .join('');
  // An ancestor can be invalid only on a branch, so the chain's tests cover this code.
  const rules = Object.keys(RULES).filter((code) => code !== 'block-ancestor-invalid');
  expect(rules.filter((code) => !tested.includes(`'${code}'`))).toEqual([]);
});
