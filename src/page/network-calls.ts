import type { KnownNetwork, NetworkLink, NetworkRules, NodeEvent, TabchainApi } from '../api/api.ts';
import { argumentInvalid } from '../api/arguments.ts';
import { parseCoins } from '../protocol/amount.ts';
import { createNetwork, formatNetworkLink, parseNetworkLink, type Network, type NetworkParameters } from '../protocol/network.ts';
import { roomKeyOf } from '../protocol/room-key.ts';
import { TabchainError } from '../util/errors.ts';
import { KnownNetworks } from './known-networks.ts';
import type { NodeThread } from './node-thread.ts';

export type NetworkMethod = 'makeNetwork' | 'showCode' | 'hideCode' | 'findNetwork' | 'knownNetworks' | 'forgetNetwork';

export interface NetworkPorts {
  /** The thread and the network of this page, once its node is open. */
  opened(): Promise<{ thread: NodeThread; network: Network }>;
  /** Names of the accounts that this browser keeps, by the id of their network. */
  accountNames(): Promise<ReadonlyMap<string, readonly string[]>>;
  subscribe(listener: (event: NodeEvent) => void): void;
}

/** The calls of the API about other networks than the one of this page. */
export function networkCalls({ opened, accountNames, subscribe }: NetworkPorts): Pick<TabchainApi, NetworkMethod> {
  const known = new KnownNetworks(() => localStorage, Date.now);
  const privateRoom = new URLSearchParams(location.hash.slice(1)).has('key');
  subscribe((event) => event.type === 'status' && known.note(event.status, privateRoom));
  return {
    makeNetwork: async (rules) => linkOf(createNetwork(parametersOf(rules))),
    showCode: async () => {
      const { thread, network } = await opened();
      if (roomKeyOf(location.hash) !== null) throw new TabchainError('code-private', 'A private room has no code: share its link.');
      return (await thread.codes()).show(formatNetworkLink(network));
    },
    hideCode: async () => (await (await opened()).thread.codes()).hide(),
    findNetwork: async (code) => {
      if (typeof code !== 'string') throw argumentInvalid('code', 'a text');
      const { thread } = await opened();
      // Written again, so that only what belongs to the network remains of another tab's answer.
      return linkOf(parseNetworkLink(await (await thread.codes()).find(code)));
    },
    knownNetworks: async () => {
      const names = await accountNames();
      return known.list().flatMap((noted): KnownNetwork[] => {
        const network = readable(noted.link);
        return network === null ? [] : [{ ...noted, accounts: [...(names.get(network.id) ?? [])] }];
      });
    },
    forgetNetwork: async (link) => {
      if (typeof link !== 'string') throw argumentInvalid('link', 'a text');
      const network = readable(link);
      if (network && (await accountNames()).has(network.id)) {
        throw new TabchainError('network-in-use', 'This browser keeps an account of that network: forget the account first.');
      }
      known.forget(link);
    },
  };
}

const linkOf = (network: Network): NetworkLink => ({ link: formatNetworkLink(network), label: network.label });

/** A link that an older version of the page stored may name a network that this version refuses. */
function readable(link: string): Network | null {
  try {
    return parseNetworkLink(link);
  } catch {
    return null;
  }
}

/** The rules as parameters; `createNetwork` checks their ranges. @throws TabchainError `argument-invalid`, `amount-invalid` */
function parametersOf(rules: NetworkRules): Partial<NetworkParameters> {
  const { label, subsidy, grant, ...numbers } = (rules as Partial<NetworkRules> | undefined) ?? {};
  if (typeof label !== 'string') throw argumentInvalid('label', 'a text');
  const coins = (name: string, value: unknown): number => {
    if (typeof value !== 'string') throw argumentInvalid(name, 'a text like "12.5"');
    return parseCoins(value);
  };
  const given = (['blockTimeMs', 'halvingInterval', 'maxBlockBytes', 'genesisTimeMs'] as const).filter((key) => numbers[key] !== undefined);
  return {
    label,
    ...(subsidy === undefined ? {} : { subsidy: coins('subsidy', subsidy) }),
    ...(grant === undefined ? {} : { grant: coins('grant', grant) }),
    ...Object.fromEntries(given.map((key) => [key, numbers[key]])),
  };
}
