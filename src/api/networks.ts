/** The API's types for other networks than the one of this page; a part of `api.ts`. */
import type { Coins } from './api.ts';

/** The rules of a new network. Missing rules are those of the main network. */
export interface NetworkRules {
  /** 1 to 32 of a-z, 0-9 and inner hyphens. */
  label: string;
  /** Mean time between blocks, 200 to 86,400,000 ms. */
  blockTimeMs?: number;
  /** Coins that a block mints before the first halving. */
  subsidy?: Coins;
  /** Coins that each registration mints for its account. */
  grant?: Coins;
  /** Blocks between halvings, 0 for none. */
  halvingInterval?: number;
  /** 4,096 to 4,194,304. */
  maxBlockBytes?: number;
  /** No block may have an earlier time. Another time makes another network, so two classes may have one label. */
  genesisTimeMs?: number;
}

/** How to enter a network: the fragment of the page's address, e.g. "#net=demo". */
export interface NetworkLink {
  link: string;
  label: string;
}

/** A network that this browser has opened. */
export interface KnownNetwork extends NetworkLink {
  /** Height of its chain when this browser last had it open. */
  height: number;
  /** Unix milliseconds. */
  openedAt: number;
  /** Names of the accounts that this browser keeps for it. */
  accounts: string[];
  /** Whether it was last opened as a private room. The room's key is in the room's link only, and never stored. */
  privateRoom: boolean;
}

/** The calls about networks; a part of `TabchainApi`. */
export interface NetworkCalls {
  /** The link of a network with these rules. Nothing is stored or sent: the first tab on the link begins the network. @throws `network-invalid` */
  makeNetwork(rules: NetworkRules): Promise<NetworkLink>;
  /**
   * The code of this page's network, six letters. While it is shown, this tab gives the network's link to tabs that ask for the code.
   * @throws `code-private` in a private room
   */
  showCode(): Promise<string>;
  hideCode(): Promise<void>;
  /** The network of a code that another tab shows now. @throws `code-invalid`, `code-unknown` */
  findNetwork(code: string): Promise<NetworkLink>;
  /** Networks that this browser has opened, the newest first. */
  knownNetworks(): Promise<KnownNetwork[]>;
  /** Leaves a network out of that list. @throws `network-in-use` while this browser keeps an account of the network */
  forgetNetwork(link: string): Promise<void>;
}
