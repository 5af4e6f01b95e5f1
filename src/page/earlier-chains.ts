import type { EarlierChain, TabchainApi } from '../api/api.ts';
import { argumentInvalid } from '../api/arguments.ts';
import type { Network } from '../protocol/network.ts';
import { databaseName } from '../storage/database-name.ts';
import type { Vault } from '../wallet/vault.ts';
import { TabchainError } from '../util/errors.ts';
import { accountInUse, newFencingToken, type AccountLocks } from './account-lock.ts';
import { browserTimers } from './browser-timers.ts';
import { databaseNames, deleteChain } from './chain-databases.ts';
import { sqliteFile } from './database-copier.ts';
import { isEarlier } from './earlier.ts';

type ChainId = Pick<EarlierChain, 'networkId' | 'address'>;

/**
 * The chains that this browser keeps from earlier versions of the protocol. This version's node cannot continue them, so nothing opens
 * them unasked; only their owner exports or deletes them.
 */
export class EarlierChains {
  readonly #network: Network;
  readonly #vault: Vault;
  readonly #locks: AccountLocks;

  constructor(network: Network, vault: Vault, locks: AccountLocks) {
    this.#network = network;
    this.#vault = vault;
    this.#locks = locks;
  }

  async list(): Promise<EarlierChain[]> {
    const [entries, names] = await Promise.all([this.#vault.everywhere(), databaseNames()]);
    return entries
      .filter((entry) => isEarlier(entry, this.#network) && names?.has(databaseName(entry.networkId, entry.address)) !== false)
      .map(({ networkId, address, name }) => ({ networkId, address, name }));
  }

  /**
   * A valid SQLite file with the last saved state.
   * @throws TabchainError `argument-invalid`, `account-in-use`, `storage-…`
   */
  async toFile(wanted: ChainId): Promise<Blob> {
    return this.#holding(wanted, async ({ networkId, address }) => {
      // Loaded only now, because few pages ever need this code.
      const [{ IndexedDbMedium }, { PageDisk }] = await Promise.all([
        import('../storage/disk/medium-indexeddb.ts'),
        import('../storage/disk/page-disk.ts'),
      ]);
      const medium = new IndexedDbMedium(indexedDB, databaseName(networkId, address), browserTimers);
      const disk = await PageDisk.open(medium, newFencingToken());
      try {
        const saved = await disk.load();
        if (!saved) throw new TabchainError('storage-damaged', 'This chain was never saved.');
        const { pages } = saved;
        const parts = Array.from({ length: pages.chunkCount }, (_, i) => new Blob([pages.chunk(i).slice()]));
        return sqliteFile(parts);
      } finally {
        disk.close();
      }
    });
  }

  /** @throws TabchainError `argument-invalid`, `account-in-use`, `storage-unavailable`, `storage-silent` */
  async delete(wanted: ChainId): Promise<void> {
    await this.#holding(wanted, ({ networkId, address }) => deleteChain(networkId, address));
  }

  /** Works on a listed chain while no tab of the earlier version has its account open. */
  async #holding<T>(wanted: ChainId, work: (chain: EarlierChain) => Promise<T>): Promise<T> {
    const chain = (await this.list()).find(({ networkId, address }) => networkId === wanted?.networkId && address === wanted.address);
    if (!chain) throw argumentInvalid('chain', 'one of earlierChains()');
    const release = await this.#locks.acquire(`${chain.networkId}:${chain.address}`);
    if (!release) throw accountInUse();
    try {
      return await work(chain);
    } finally {
      release();
    }
  }
}

export type EarlierChainMethod = 'earlierChains' | 'exportEarlierChain' | 'deleteEarlierChain';

/** The calls of the API about these chains. @param chains resolves when the node is open */
export function earlierChainCalls(chains: () => Promise<EarlierChains>): Pick<TabchainApi, EarlierChainMethod> {
  return {
    earlierChains: async () => (await chains()).list(),
    exportEarlierChain: async (chain) => (await chains()).toFile(chain),
    deleteEarlierChain: async (chain) => (await chains()).delete(chain),
  };
}
