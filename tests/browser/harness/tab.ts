import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Status, TabchainApi } from '../../../src/api/api.ts';
import { fromWireError, type WireError } from '../../../src/util/errors.ts';

const SCREENSHOTS = fileURLToPath(new URL('../../../test-results/', import.meta.url));

/** The common interface of pages of browser drivers; Playwright's and Puppeteer's pages implement it. */
export interface DriverPage {
  goto(url: string): Promise<unknown>;
  reload(): Promise<unknown>;
  close(): Promise<void>;
  evaluate(action: (call: Call) => Promise<Outcome>, call: Call): Promise<Outcome>;
  screenshot(options: { path: `${string}.png`; fullPage?: boolean }): Promise<unknown>;
}

/** Methods that take and return plain JSON, or bytes. */
type RemoteMethod = Exclude<keyof TabchainApi, 'subscribe'>;

interface Call {
  method: string;
  args: unknown[];
}

/** A result from the page: bytes as base64, an error in its parts, because drivers convert both in their own ways. */
type Outcome = { value: unknown } | { base64: string } | { error: WireError };

/** One tab of a browser with its node. */
export class Tab<Page extends DriverPage = DriverPage> {
  readonly name: string;
  readonly page: Page;
  /** Uncaught errors and console errors of the page so far, oldest first. */
  readonly problems: string[] = [];

  constructor(name: string, page: Page) {
    this.name = name;
    this.page = page;
  }

  /** Opens the page and waits until its node is ready. */
  async open(url: string): Promise<Status> {
    await this.page.goto(url);
    return this.call('ready');
  }

  async reload(): Promise<Status> {
    await this.page.reload();
    return this.call('ready');
  }

  close(): Promise<void> {
    return this.page.close();
  }

  /** Calls `window.tabchain[method](...args)`. A refusal arrives as the TabchainError of the page. */
  async call<M extends RemoteMethod>(method: M, ...args: Parameters<TabchainApi[M]>): Promise<Awaited<ReturnType<TabchainApi[M]>>> {
    const outcome = await this.page.evaluate(callInPage, { method, args });
    if ('error' in outcome) throw fromWireError(outcome.error);
    const result = 'base64' in outcome ? new Uint8Array(Buffer.from(outcome.base64, 'base64')) : outcome.value;
    return result as Awaited<ReturnType<TabchainApi[M]>>;
  }

  status(): Promise<Status> {
    return this.call('status');
  }

  /** Writes test-results/`name`.png. */
  async screenshot(name: string): Promise<void> {
    mkdirSync(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: `${SCREENSHOTS}${name}.png` });
  }
}

/** Runs in the page, so it may use only its own code. */
async function callInPage({ method, args }: Call): Promise<Outcome> {
  try {
    const api = (globalThis as unknown as { tabchain: Record<string, (...values: unknown[]) => Promise<unknown>> }).tabchain;
    const value = await api[method]!(...args);
    if (!(value instanceof Uint8Array)) return { value: value === undefined ? null : value };
    const chunks: string[] = [];
    // In pieces, because String.fromCharCode takes its characters on the stack.
    for (let at = 0; at < value.length; at += 32_768) chunks.push(String.fromCharCode(...value.subarray(at, at + 32_768)));
    return { base64: btoa(chunks.join('')) };
  } catch (thrown) {
    const { code, message, details } = thrown as Partial<WireError>;
    return { error: { code: code ?? 'internal', message: message ?? String(thrown), details: details ?? {} } };
  }
}
