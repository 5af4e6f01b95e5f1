import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { FLAGS } from '../browser/harness/chromium.ts';
import { Tab } from '../browser/harness/tab.ts';
import { pause } from './scenario.ts';

/** Copies a connection to a port of the machine: the browser offers its debugging port only there. */
const COPY = 'exec 3<>/dev/tcp/127.0.0.1/$0; cat <&3 & exec cat >&3';

/**
 * A browser that a person could have started. Playwright joins the browser without its defaults, which would tell every page that the page
 * is visible. So a page behind another tab is hidden.
 */
export class PlainBrowser {
  readonly #profile = mkdtempSync(join(tmpdir(), 'tabchain-plain-'));
  readonly #program: ChildProcess;
  readonly #door: Server;
  #browser: Browser | null = null;

  private constructor(namespace: string, launcher: string, flags: readonly string[]) {
    const own = ['--headless=new', '--remote-debugging-port=0', `--user-data-dir=${this.#profile}`];
    this.#program = spawn(launcher, [...FLAGS, ...own, ...flags, 'about:blank'], { stdio: 'ignore' });
    this.#door = createServer((socket) => {
      const copy = spawn('ip', ['netns', 'exec', namespace, 'bash', '-c', COPY, this.#port()], { stdio: ['pipe', 'pipe', 'ignore'] });
      socket.pipe(copy.stdin).on('error', () => socket.destroy());
      copy.stdout.pipe(socket).on('error', () => copy.kill());
      socket.on('close', () => copy.kill());
    });
  }

  /** @param launcher starts Chromium in the network namespace `namespace` */
  static async launch(namespace: string, launcher: string, flags: readonly string[]): Promise<PlainBrowser> {
    const plain = new PlainBrowser(namespace, launcher, flags);
    while (!existsSync(plain.#portFile)) await pause(50);
    await new Promise<void>((resolve) => plain.#door.listen(0, '127.0.0.1', resolve));
    const { port } = plain.#door.address() as AddressInfo;
    plain.#browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { noDefaults: true });
    return plain;
  }

  get #portFile(): string {
    return join(this.#profile, 'DevToolsActivePort');
  }

  #port(): string {
    return readFileSync(this.#portFile, 'utf8').split('\n')[0]!;
  }

  /** A further tab of the browser's window, in front of the others. */
  async newTab(name: string): Promise<Tab<Page>> {
    return new Tab(name, await this.#browser!.contexts()[0]!.newPage());
  }

  async dispose(): Promise<void> {
    // Ends the program too. Its last processes still write to the profile.
    const session = await this.#browser?.newBrowserCDPSession();
    await Promise.all([once(this.#program, 'exit'), session ? session.send('Browser.close').catch(() => undefined) : this.#program.kill()]);
    this.#door.close();
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
