import { parseAddress } from '../crypto/address.ts';
import { parseNetworkLink, type Network } from '../protocol/network.ts';
import { roomOf } from '../protocol/room.ts';
import { keyFileLink } from '../wallet/keyfile.ts';
import type { VaultEntry } from '../wallet/vault.ts';

/** The fields of a vault entry, or of a key file, that say where its name was registered. */
export type Origin = Pick<VaultEntry, 'networkId' | 'pem'>;

/** The network that the link in a key file names; null without a valid link. */
export function linkedNetwork(pem: string): Network | null {
  try {
    return parseNetworkLink(new URL(keyFileLink(pem) ?? '').hash);
  } catch {
    return null;
  }
}

/**
 * Whether an entry is of this network, but of another version of the protocol. The id of a network differs between versions, because the
 * genesis block commits to the version; the link does not. The id of version 1 is the room.
 */
export function isEarlier({ networkId, pem }: Origin, network: Network): boolean {
  if (networkId === network.id) return false;
  return networkId === roomOf(network) || linkedNetwork(pem)?.id === network.id;
}

/**
 * The accounts of a network among all entries of a vault, also those of earlier versions that this version has not taken over. This
 * version's accounts come first, and among each the account used last.
 */
export function accountsOf(entries: readonly VaultEntry[], network: Network): VaultEntry[] {
  const sound = entries.filter(({ address }) => isAddress(address)).sort((a, b) => b.usedAt - a.usedAt);
  const own = sound.filter(({ networkId }) => networkId === network.id);
  const seen = new Set(own.map(({ address }) => address));
  const earlier = sound.filter((entry) => isEarlier(entry, network) && !seen.has(entry.address) && seen.add(entry.address));
  return [...own, ...earlier];
}

export function isAddress(text: string): boolean {
  try {
    parseAddress(text);
    return true;
  } catch {
    return false;
  }
}
