import type { SimBrowser } from './browser.ts';
import type { Page } from './page.ts';
import type { Quality } from './pipe.ts';
import type { SimServer } from './server.ts';

/** A person with a machine: what stays the same when the page is loaded again. */
export interface Person {
  readonly index: number;
  readonly name: string;
  readonly hostile: boolean;
  /** Network address as servers see it. */
  readonly address: string;
  readonly servers: readonly SimServer[];
  /** Null where the browser has no BroadcastChannel. */
  readonly browser: SimBrowser | null;
  readonly hasRtc: boolean;
  /** Whether the network lets UDP through. */
  readonly hasUdp: boolean;
  readonly hidden: boolean;
  readonly setUpMs: number;
  readonly toServer: Quality;
  /** Ids that the tab remembers over a reload. */
  memory: readonly string[];
  page: Page | null;
}
