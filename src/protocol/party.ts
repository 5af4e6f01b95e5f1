import { ADDRESS_PREFIX, parseAddress, type Address } from '../crypto/address.ts';
import { TabchainError } from '../util/errors.ts';
import { tidyHandle } from '../util/typed-text.ts';
import { tidyLink } from './link-repair.ts';
import { parseNetworkLink } from './network.ts';
import { NAME_PATTERN } from './transactions/registration.ts';

/** A reference to an account, as a person or script gives it. */
export type Party = { readonly kind: 'name'; readonly name: string } | { readonly kind: 'address'; readonly address: Address };

/** Routes of links that refer to an account. */
const LINKED = /^\/(?:transfer\?|account\/)/;
/** A payment link has about 200 characters, and its memo up to 140 bytes, escaped. */
const MAX_PARTY_TEXT = 1_000;

/**
 * Reads a user name, an address, or a link to an account. All inputs of names and addresses use this function. A name may begin like an
 * address ("tab1fan"), but an address is longer than any name.
 * @param networkId id of this node's network; a link to another network is refused
 * @throws TabchainError `recipient-invalid` (neither name nor address), `address-invalid`, `link-other-network`, `network-invalid`
 */
export function parseParty(text: string, networkId: string): Party {
  const tidy = text.length > MAX_PARTY_TEXT ? '' : tidyHandle(linkedParty(text, networkId) ?? text);
  if (NAME_PATTERN.test(tidy)) return { kind: 'name', name: tidy };
  if (tidy.startsWith(`${ADDRESS_PREFIX}1`)) return { kind: 'address', address: parseAddress(tidy) };
  throw new TabchainError('recipient-invalid', 'This is neither a user name nor an address.');
}

/** The name or address in a payment link or in a link to an account's page; null for other texts. */
function linkedParty(text: string, networkId: string): string | null {
  // The link ends at the first space: copied text may go on after it.
  const given = /#\S+/.exec(text)?.[0];
  if (given === undefined) return null;
  const { hash } = tidyLink({ search: '', hash: given });
  const at = new URLSearchParams(hash.slice(1)).get('at');
  if (at === null || !LINKED.test(at)) return null;
  if (parseNetworkLink(hash).id !== networkId) {
    throw new TabchainError('link-other-network', 'This link belongs to another network. Open it there.');
  }
  const [path = '', query = ''] = at.split('?', 2);
  return new URLSearchParams(query).get('to') ?? path.slice('/account/'.length);
}
