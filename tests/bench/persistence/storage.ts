import initSqlJs from 'sql.js';
import { encodeDelta } from '../../../src/storage/disk/delta.ts';
import { SqlChainStore } from '../../../src/storage/sql/store.ts';
import type { Benchmark } from '../framework/benchmark.ts';
import { median } from '../framework/measure.ts';
import { SyntheticChain } from './synthetic.ts';

const BLOCKS = 500;
const TRANSACTIONS = 100;
const ACCOUNTS = [30, 200, 1_000];
const MAX_OVER_ENCODED = 1.6;

/** The cost of the schema: bytes of the database compared with the encoded blocks, and bytes that a block changes. */
export const storage: Benchmark = {
  name: 'storage',
  summary: 'size of the database compared with its blocks',
  async run(bench) {
    const sqlJs = await initSqlJs();
    const ratios: number[] = [];
    for (const accounts of ACCOUNTS) {
      const chain = new SyntheticChain(accounts, TRANSACTIONS);
      const store = SqlChainStore.open(sqlJs, chain.network);
      const deltas: number[] = [];
      while (chain.height < BLOCKS) {
        store.atomically(() => store.connect(chain.next(), 1n));
        const pages = store.pages();
        deltas.push(encodeDelta(pages, pages.takeDirty()).reduce((sum, part) => sum + part.length, 0));
      }
      const { size } = store.pages();
      ratios.push(size / chain.encodedBytes);
      bench.note(
        `${accounts} accounts: ${(size / BLOCKS / TRANSACTIONS).toFixed(0)} bytes a transaction, ${(chain.encodedBytes / BLOCKS / TRANSACTIONS).toFixed(0)} as it travels; ` +
          `a block of ${(chain.encodedBytes / BLOCKS / 1e3).toFixed(0)} kB changes ${(median(deltas.slice(-100)) / 1e3).toFixed(0)} kB of the file`,
      );
      store.close();
    }
    bench.figure('disk_over_encoded', Math.max(...ratios), { atMost: MAX_OVER_ENCODED });
  },
};
