import type { TabchainApi } from '../api/api.ts';
import type { NodeThread } from './node-thread.ts';

export type LinkMethod = 'disconnect' | 'connect' | 'neighbourhood' | 'servers' | 'addServer' | 'removeServer';

/** The calls of the API about links. @param opened the thread, once its node is open */
export function linkCalls(opened: () => Promise<NodeThread>): Pick<TabchainApi, LinkMethod> {
  return {
    disconnect: async () => (await opened()).setOffline(true),
    connect: async () => (await opened()).setOffline(false),
    neighbourhood: async () => (await opened()).neighbourhood(),
    servers: async () => (await opened()).servers(),
    addServer: async (address) => (await opened()).changeServers((settings) => settings.add(address)),
    removeServer: async (address) => (await opened()).changeServers((settings) => settings.remove(address)),
  };
}
