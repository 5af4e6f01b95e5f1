import type { ChainChangeRequest, ChainTrial, SignedText } from '../../api/api.ts';
import { argumentInvalid, fieldsArgument, optionsArgument, textArgument } from '../../api/arguments.ts';
import { sign } from '../../crypto/rsa/keys.ts';
import { MODULUS_BYTES, PUBLIC_EXPONENT } from '../../crypto/rsa/modulus.ts';
import { verifyPkcs1 } from '../../crypto/rsa/verify.ts';
import { parseParty } from '../../protocol/party.ts';
import { MAX_SIGNED_TEXT_BYTES, SIGNED_TEXT_DOMAIN, signedTextMessage } from '../../protocol/signed-text.ts';
import { toHex, utf8 } from '../../util/bytes.ts';
import type { LedgerContents } from '../ledger.ts';
import { openAccount, type AccountSession } from '../own-account.ts';
import { chainTrial } from './chain-trial.ts';
import { ExplorerViews, hexArgument } from './explorer.ts';

/** The answers for the experiments of the lab. */
export class LabViews extends ExplorerViews {
  readonly #ledger: LedgerContents;
  readonly #account: AccountSession | null;
  readonly #subtle: SubtleCrypto | null;

  constructor(ledger: LedgerContents, account: AccountSession | null, subtle: SubtleCrypto | null) {
    super(ledger, account);
    this.#ledger = ledger;
    this.#account = account;
    this.#subtle = subtle;
  }

  async alterChain(idOrHeight: unknown, change: unknown): Promise<ChainTrial | null> {
    const copy = this.changedCopy(idOrHeight, change);
    if (!copy?.known.active) return null;
    const { relink } = optionsArgument(change as ChainChangeRequest | undefined);
    return chainTrial(this.#ledger, copy.known, copy.changed, relink === true);
  }

  async signText(text: unknown): Promise<SignedText> {
    const account = openAccount(this.#account);
    const { signing } = account.keys();
    const { network } = this.#ledger;
    const signed = signedText(text);
    const signature = await sign(signing, signedTextMessage(network.id, signed), this.#subtle);
    const name = this.#ledger.store.account(account.address)?.registration?.name ?? account.name;
    return {
      text: signed,
      signer: { name, address: account.addressText },
      domain: toHex(SIGNED_TEXT_DOMAIN),
      networkId: network.id,
      body: toHex(utf8(signed)),
      signature: toHex(signature),
      modulus: toHex(signing.modulus),
      exponent: PUBLIC_EXPONENT,
    };
  }

  async checkText(claim: unknown): Promise<boolean | null> {
    const { signer, text, signature } = fieldsArgument(claim);
    const { network, store } = this.#ledger;
    const bytes = hexArgument(signature, 'signature', MODULUS_BYTES);
    const message = signedTextMessage(network.id, signedText(text));
    const party = parseParty(textArgument(signer, 'signer'), network.id);
    const address = party.kind === 'address' ? party.address : store.addressOfName(party.name);
    const modulus = address === undefined ? undefined : store.account(address)?.registration?.signingModulus;
    return modulus === undefined ? null : verifyPkcs1(modulus, message, bytes);
  }
}

/** @throws TabchainError `argument-invalid` */
function signedText(value: unknown): string {
  const text = textArgument(value, 'text');
  if (utf8(text).length > MAX_SIGNED_TEXT_BYTES) throw argumentInvalid('text', `at most ${MAX_SIGNED_TEXT_BYTES} bytes of UTF-8`);
  return text;
}
