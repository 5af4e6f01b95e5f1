import type { SqlJsStatic } from 'sql.js';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { loadSqlJs } from '../../fuzz/support/node.ts';
import { testAccount } from '../../scenarios/support/builders.ts';
import { tabOf, TestTab } from './support.ts';

const alex = testAccount('alex');

let sqlJs: SqlJsStatic;
let tab: TestTab;
beforeAll(async () => {
  sqlJs = await loadSqlJs();
});
beforeEach(async () => {
  tab = await tabOf(sqlJs, alex);
  await tab.open(alex);
});

async function parts(): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  for (let part = await tab.node.nextExportPart(); part; part = await tab.node.nextExportPart()) all.push(part);
  return all;
}

const heightOf = (file: readonly Uint8Array[]): unknown =>
  new sqlJs.Database(Buffer.concat(file)).exec('SELECT max(height) FROM blocks')[0]!.values[0]![0];

test('an export is a SQLite file at the block where it began, whatever is mined meanwhile', async () => {
  await tab.node.beginExport();
  await tab.mine(3);
  expect(heightOf(await parts())).toBe(4);
  await tab.node.beginExport();
  expect(heightOf(await parts())).toBe(7);
});

test('an export returns no bytes before its start and after its end', async () => {
  expect(await parts()).toEqual([]);
  await tab.node.beginExport();
  expect(await parts()).not.toEqual([]);
  expect(await parts()).toEqual([]);
});

test('a new export replaces the one before', async () => {
  await tab.node.beginExport();
  await tab.node.nextExportPart();
  await tab.mine();
  await tab.node.beginExport();
  expect(heightOf(await parts())).toBe(5);
});

test('an export goes on when its person logs out', async () => {
  await tab.node.beginExport();
  await tab.node.unbind();
  expect(heightOf(await parts())).toBe(4);
});
