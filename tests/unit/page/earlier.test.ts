import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { addressText } from '../../../src/crypto/address.ts';
import { accountsOf, isEarlier, linkedNetwork } from '../../../src/page/earlier.ts';
import { parseNetworkLink, type Network } from '../../../src/protocol/network.ts';
import { describeKeyFile, openKeyFile } from '../../../src/wallet/keyfile.ts';
import { Vault, type VaultEntry } from '../../../src/wallet/vault.ts';
import { MemoryStorage } from '../util/support/memory-storage.ts';

/** What a browser kept after a tab of version 1 had registered an account on "#net=main" and another on "#net=class-3b&T=5000". */
const BROWSER = JSON.parse(readFileSync(new URL('support/version-1.json', import.meta.url), 'utf8')) as {
  passphrase: string;
  localStorage: Record<string, string>;
  accounts: { link: string; networkId: string; name: string; address: string; keyFile: string }[];
};
const [onMain, onClass] = BROWSER.accounts as [(typeof BROWSER.accounts)[0], (typeof BROWSER.accounts)[0]];

const MAIN = parseNetworkLink(onMain.link);
/** The same link in a version that gives its network another id. */
const laterVersionOf = (network: Network): Network => ({ ...network, id: 'ab'.repeat(32) });
const LATER = laterVersionOf(MAIN);

async function stored(): Promise<VaultEntry[]> {
  const localStorage = new MemoryStorage();
  for (const [key, text] of Object.entries(BROWSER.localStorage)) localStorage.setItem(key, text);
  const timers = { set: (callback: () => void, ms: number) => setTimeout(callback, ms) as unknown as number, clear: clearTimeout };
  return new Vault({ indexedDB: null, localStorage }, timers).everywhere();
}

describe('accounts that version 1 stored', () => {
  test('are found by a later version under the same link, with the same key', async () => {
    const [account, ...others] = accountsOf(await stored(), LATER);
    expect(others).toEqual([]);
    expect(account).toMatchObject({ name: onMain.name, address: onMain.address, networkId: onMain.networkId });
    expect(isEarlier(account!, LATER)).toBe(true);
    const opened = await openKeyFile(account!.pem, BROWSER.passphrase, crypto.subtle);
    expect(addressText(opened.address)).toBe(onMain.address);
  });

  test('are of their own link alone', async () => {
    const later = laterVersionOf(parseNetworkLink(onClass.link));
    expect(accountsOf(await stored(), later).map(({ name }) => name)).toEqual([onClass.name]);
    expect(accountsOf(await stored(), laterVersionOf(parseNetworkLink('#net=other')))).toEqual([]);
  });

  test('are listed once after a later version has taken them over, as its own', async () => {
    const entries = await stored();
    const own = { ...entries.find(({ address }) => address === onMain.address)!, networkId: LATER.id, usedAt: 1 };
    expect(accountsOf([...entries, own], LATER)).toEqual([own]);
    expect(accountsOf([own, ...entries], LATER)).toEqual([own]);
    // Version 1 still finds its own entry.
    expect(accountsOf([...entries, own], { ...MAIN, id: onMain.networkId })).toEqual([
      entries.find(({ address }) => address === own.address),
    ]);
  });

  test('come after the accounts of this version, and an altered address is left out', async () => {
    const entries = await stored();
    const [entry] = accountsOf(entries, LATER);
    const own = { ...entries.find(({ address }) => address === onClass.address)!, networkId: LATER.id, usedAt: 1 };
    const altered = { ...entry!, address: 'tab1nonsense' };
    expect(accountsOf([altered, ...entries, own], LATER)).toEqual([own, entry]);
  });
});

describe('an account of a version between', () => {
  test('is found by the link in its key file', () => {
    const between = { networkId: 'cd'.repeat(32), pem: onMain.keyFile };
    expect(isEarlier(between, MAIN)).toBe(true);
    expect(isEarlier(between, parseNetworkLink(onClass.link))).toBe(false);
    expect(isEarlier({ ...between, networkId: MAIN.id }, MAIN)).toBe(false);
  });

  test.each(['', 'no key file', 'Link: not-a-link\n-----BEGIN', 'Link: https://example.org/#net=UPPER\n-----BEGIN'])(
    'is not found without a valid link: %j',
    (pem) => {
      expect(linkedNetwork(pem)).toBeNull();
      expect(isEarlier({ networkId: 'cd'.repeat(32), pem }, MAIN)).toBe(false);
    },
  );
});

describe('key files that version 1 wrote', () => {
  test.each(BROWSER.accounts)('$link: opens, and is of that link’s network in every version', async ({ link, address, keyFile }) => {
    const opened = await openKeyFile(keyFile, BROWSER.passphrase, crypto.subtle);
    expect(addressText(opened.address)).toBe(address);
    const { networkId } = describeKeyFile(keyFile);
    expect(isEarlier({ networkId: networkId!, pem: keyFile }, laterVersionOf(parseNetworkLink(link)))).toBe(true);
    expect(isEarlier({ networkId: networkId!, pem: keyFile }, laterVersionOf(parseNetworkLink('#net=other')))).toBe(false);
  });
});
