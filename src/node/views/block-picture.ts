import { addressText } from '../../crypto/address.ts';
import { sha256d } from '../../crypto/hash.ts';
import { merkleLeaf, merkleNode, merklePath, merkleSiblings } from '../../crypto/merkle.ts';
import { PUBLIC_EXPONENT } from '../../crypto/rsa/modulus.ts';
import { encodeHeader, headerHash, type SealedHeader } from '../../protocol/block.ts';
import { expandBits } from '../../protocol/target.ts';
import { registrationIn, senderOf, signedMessageOf, type DecodedTransaction } from '../../protocol/transaction.ts';
import { fromHex, toHex } from '../../util/bytes.ts';
import type { HeaderBytes, MerklePathInfo, SignatureInfo } from '../../api/api.ts';
import type { LedgerContents } from '../ledger.ts';
import type { PartyOf } from './transaction-kinds.ts';

/** Text before the signed bytes ("tabchain transaction 1\n"), and the network id that follows the text. */
const DOMAIN_BYTES = 23;
const NETWORK_ID_BYTES = 32;

/** The bytes of a header, and the steps from them to the id. */
export function headerBytes({ header, nonce, id }: SealedHeader): HeaderBytes {
  const hash = headerHash(header);
  return {
    id,
    height: header.height,
    header: toHex(encodeHeader(header)),
    hash: toHex(hash),
    nonce: toHex(nonce),
    digest: toHex(sha256d(hash, nonce)),
    target: expandBits(header.bits).toString(16).padStart(64, '0'),
  };
}

/** The way from the transaction at a position to the transaction root. */
export function merklePathInfo(height: number, transactions: readonly DecodedTransaction[], position: number): MerklePathInfo {
  const ids = transactions.map(({ id }) => fromHex(id));
  const places = merkleSiblings(position, ids.length);
  const leaf = merkleLeaf(ids[position]!);
  let node = leaf;
  const steps = merklePath(ids, position).map(({ isLeft, hash }, i) => {
    node = isLeft ? merkleNode(hash, node) : merkleNode(node, hash);
    const { from, to } = places[i]!;
    return { side: isLeft ? ('left' as const) : ('right' as const), hash: toHex(hash), from, to, above: toHex(node) };
  });
  return { height, position, txid: transactions[position]!.id, count: ids.length, leaf: toHex(leaf), steps, root: toHex(node) };
}

/** What is needed to check a transaction's signature. Null while the sender's key is unknown. */
export function signatureInfo({ network, store }: LedgerContents, partyOf: PartyOf, decoded: DecodedTransaction): SignatureInfo | null {
  const { transaction, id } = decoded;
  const sender = senderOf(transaction);
  const keys = registrationIn(transaction) ?? store.account(sender)?.registration;
  if (!keys) return null;
  const message = signedMessageOf(network.id, decoded);
  const bodyStart = DOMAIN_BYTES + NETWORK_ID_BYTES;
  return {
    txid: id,
    signer: partyOf(addressText(sender)),
    domain: toHex(message.subarray(0, DOMAIN_BYTES)),
    networkId: toHex(message.subarray(DOMAIN_BYTES, bodyStart)),
    body: toHex(message.subarray(bodyStart)),
    signature: toHex(transaction.signature),
    modulus: toHex(keys.signingModulus),
    exponent: PUBLIC_EXPONENT,
  };
}
