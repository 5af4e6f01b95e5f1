import fc from 'fast-check';
import { IDBFactory } from 'fake-indexeddb';
import type { SqlJsStatic } from 'sql.js';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { IndexedDbSentMemos, MAX_SENT_MEMOS, sentMemosName, type SentMemos } from '../../../src/storage/sent-memos.ts';
import { memoCopyId, openMemoCopy, sealMemoCopy } from '../../../src/wallet/memo-copy.ts';
import { loadSqlJs } from '../../fuzz/support/node.ts';
import { testAccount } from '../../scenarios/support/builders.ts';
import { Browser, keysOf, TestTab } from './support.ts';

const [alex, ming] = [testAccount('alex'), testAccount('ming')];
const random = { bytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)) };
const timers = { set: (callback: () => void, ms: number) => setTimeout(callback, ms), clear: clearTimeout } as never;

/** Copies in memory, by account. */
class MemoryMemos {
  readonly boxes = new Map<string, Uint8Array>();
  broken = false;

  open(networkId: string, address: string): SentMemos {
    const name = sentMemosName(networkId, address);
    return {
      put: async (key, box) => {
        if (this.broken) throw new Error('full');
        this.boxes.set(`${name}/${key}`, box);
      },
      get: async (key) => this.boxes.get(`${name}/${key}`) ?? null,
    };
  }
}

let sqlJs: SqlJsStatic;
let memos: MemoryMemos;
let browser: Browser;
beforeAll(async () => {
  sqlJs = await loadSqlJs();
});
beforeEach(async () => {
  memos = new MemoryMemos();
  browser = new Browser();
  await browser.populate(sqlJs, alex);
});

async function openedTab(more = {}): Promise<TestTab> {
  const tab = new TestTab(sqlJs, browser, { random, openSentMemos: (network, address) => memos.open(network, address), ...more });
  await tab.open(alex);
  await tab.node.unlock(keysOf(alex));
  return tab;
}

const request = { to: 'ming', amount: 1, fee: '0.01', memo: 'only for ming 🍱', sealed: true };

describe('the sender of a sealed memo', () => {
  test('reads it again, also after a raise of the fee, as long as the key is open', async () => {
    const tab = await openedTab();
    const { txid } = await tab.node.transfer(request);
    expect(await tab.node.reads.transaction(txid)).toMatchObject({ sealed: true, memo: request.memo });
    const changed = await tab.node.replaceTransfer({ txid });
    expect((await tab.node.reads.history({ search: 'for ming' })).map((entry) => entry.txid)).toEqual([changed.txid]);
    await tab.node.lock();
    expect(await tab.node.reads.transaction(changed.txid)).toMatchObject({ sealed: true, memo: null });
  });

  test('keeps no readable text', async () => {
    const tab = await openedTab();
    await tab.node.transfer(request);
    const [box] = [...memos.boxes.values()];
    expect(Buffer.from(box!).includes('only for')).toBe(false);
    await tab.node.transfer({ ...request, sealed: false });
    expect(memos.boxes.size).toBe(1);
  });

  test('pays although no copy can be kept, and then sees a sealed memo', async () => {
    memos.broken = true;
    const tab = await openedTab();
    const { txid } = await tab.node.transfer(request);
    expect(await tab.node.reads.transaction(txid)).toMatchObject({ status: 'pending', memo: null });
    expect(tab.logged).toContain('storage/memo-not-kept');
    const without = await openedTab({ openSentMemos: undefined });
    expect(await without.node.reads.transaction(txid)).toMatchObject({ sealed: true, memo: null });
  });
});

test('a copy opens with the key and the memo that made it, and with no other', () => {
  const [own, other] = [keysOf(alex), keysOf(ming)];
  const bytes = fc.uint8Array({ minLength: 256, maxLength: 256 });
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 140 }), bytes, bytes, fc.nat(), (text, ciphertext, otherText, at) => {
      const box = sealMemoCopy(text, ciphertext, own, random);
      expect(openMemoCopy(box, ciphertext, own)).toBe(text);
      expect(openMemoCopy(box, ciphertext, other)).toBeNull();
      if (memoCopyId(otherText) !== memoCopyId(ciphertext)) expect(openMemoCopy(box, otherText, own)).toBeNull();
      const altered = box.slice();
      altered[at % box.length]! ^= 1;
      expect(openMemoCopy(altered, ciphertext, own)).toBeNull();
      expect(openMemoCopy(box.subarray(0, at % box.length), ciphertext, own)).toBeNull();
    }),
    { numRuns: 20 },
  );
});

describe('the copies in a browser', () => {
  test('outlive the page, and only the newest stay', async () => {
    const factory = new IDBFactory();
    const store = new IndexedDbSentMemos(factory, 'memos', timers);
    for (let i = 0; i <= MAX_SENT_MEMOS; i++) await store.put(`k${i}`, Uint8Array.of(i & 255), i);
    const again = new IndexedDbSentMemos(factory, 'memos', timers);
    expect(await again.get('k0')).toBeNull();
    expect(await again.get('k1')).toEqual(Uint8Array.of(1));
    expect(await again.get(`k${MAX_SENT_MEMOS}`)).toEqual(Uint8Array.of(MAX_SENT_MEMOS & 255));
    // Another tab removes the account; the open connection gives way.
    await new Promise((resolve, reject) => Object.assign(factory.deleteDatabase('memos'), { onsuccess: resolve, onerror: reject }));
    expect(await again.get('k1')).toBeNull();
  });
});
