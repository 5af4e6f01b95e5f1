import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { build, preview, type PreviewServer } from 'vite';
import { Chromium } from '../../browser/harness/chromium.ts';

/** A page for measuring, built like the product, in its own Chromium with a profile on disk. */
export class LabPage {
  readonly #folder: string;
  readonly #server: PreviewServer;
  readonly #browser: Chromium;
  readonly #ready: string;
  #page: Page | null = null;

  private constructor(folder: string, server: PreviewServer, browser: Chromium, ready: string) {
    this.#folder = folder;
    this.#server = server;
    this.#browser = browser;
    this.#ready = ready;
  }

  /**
   * Builds and opens the page.
   * @param root folder of its index.html
   * @param ready expression that is true in the page once it can be used
   */
  static async open(root: URL, ready: string): Promise<LabPage> {
    const folder = mkdtempSync(join(tmpdir(), 'tabchain-bench-'));
    await build({
      configFile: false,
      root: fileURLToPath(root),
      base: './',
      logLevel: 'error',
      worker: { format: 'es' },
      build: { outDir: folder, emptyOutDir: true, target: 'es2022' },
    });
    const server = await preview({ configFile: false, logLevel: 'error', root: folder, build: { outDir: folder }, preview: { port: 0 } });
    const lab = new LabPage(folder, server, await Chromium.launch(), ready);
    await lab.renew();
    return lab;
  }

  get page(): Page {
    return this.#page!;
  }

  /** Opens the page again in a fresh process. Stored data stays. */
  async renew(): Promise<void> {
    await this.#page?.close();
    const { page } = await this.#browser.newTab('lab');
    // "localhost" is a secure context, so WebCrypto is available.
    await page.goto(this.#server.resolvedUrls!.local[0]!);
    await page.waitForFunction(this.#ready);
    this.#page = page;
  }

  async close(): Promise<void> {
    await this.#browser.dispose();
    await this.#server.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
