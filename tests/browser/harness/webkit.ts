import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { Builder, Capabilities, type WebDriver } from 'selenium-webdriver';
import { Tab, type DriverPage } from './tab.ts';

const WEBDRIVER_PATH = '/usr/bin/WebKitWebDriver';
const BROWSER_PATHS = ['aarch64', 'x86_64'].map((machine) => `/usr/lib/${machine}-linux-gnu/webkit2gtk-4.1/MiniBrowser`);
const XVFB_PATH = '/usr/bin/Xvfb';

/** Debian's webkit2gtk-driver under Xvfb. WebKit tests are left out on machines without them. */
export const hasWebKit = [WEBDRIVER_PATH, XVFB_PATH].every(existsSync) && BROWSER_PATHS.some(existsSync);

const START_MS = 20_000;
/** Keys by node-forge, and a registration's proof of work, on one core that others use too. */
const SCRIPT_MS = 240_000;

/** What {@link Tab} needs of a page, over W3C WebDriver. */
class WebKitPage implements DriverPage {
  readonly #driver: WebDriver;

  constructor(driver: WebDriver) {
    this.#driver = driver;
  }

  goto(url: string): Promise<void> {
    return this.#driver.get(url);
  }

  reload(): Promise<void> {
    return this.#driver.navigate().refresh();
  }

  close(): Promise<void> {
    return this.#driver.close();
  }

  evaluate<Argument, Result>(action: (argument: Argument) => Promise<Result>, argument: Argument): Promise<Result> {
    const script = `const done = arguments[1]; (${String(action)})(arguments[0]).then(done);`;
    return this.#driver.executeAsyncScript<Result>(script, argument);
  }

  async screenshot({ path }: Parameters<DriverPage['screenshot']>[0]): Promise<void> {
    writeFileSync(path, await this.#driver.takeScreenshot(), 'base64');
  }
}

/**
 * One WebKitGTK browser with one tab and a fresh profile. Its engine is that of every browser on iPhones and iPads; Debian builds it
 * without WebRTC, so its tabs reach others by the relay alone.
 */
export class WebKit {
  readonly #processes: readonly ChildProcess[];
  readonly #driver: WebDriver;

  private constructor(processes: readonly ChildProcess[], driver: WebDriver) {
    this.#processes = processes;
    this.#driver = driver;
  }

  static async launch(): Promise<WebKit> {
    const processes: ChildProcess[] = [];
    try {
      const display = spawn(XVFB_PATH, ['-displayfd', '1', '-screen', '0', '1280x900x24', '-nolisten', 'tcp'], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      processes.push(display);
      const number = await firstLine(display);
      const port = await freePort();
      const environment = { DISPLAY: `:${number}`, GDK_BACKEND: 'x11', WEBKIT_DISABLE_COMPOSITING_MODE: '1', LIBGL_ALWAYS_SOFTWARE: '1' };
      // A group of its own, so that its browser can be ended with it.
      processes.push(
        spawn(WEBDRIVER_PATH, [`--port=${port}`, '--host=127.0.0.1'], {
          env: { ...process.env, ...environment },
          stdio: 'ignore',
          detached: true,
        }),
      );
      return new WebKit(processes, await connect(port));
    } catch (error) {
      endAll(processes);
      throw error;
    }
  }

  /** The browser's one tab, on `url`, its node ready. */
  async openTab(name: string, url: string): Promise<Tab<WebKitPage>> {
    const tab = new Tab(name, new WebKitPage(this.#driver));
    await tab.open(url);
    return tab;
  }

  async dispose(): Promise<void> {
    await this.#driver.quit().catch(() => undefined);
    endAll(this.#processes);
  }
}

async function connect(port: number): Promise<WebDriver> {
  const server = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + START_MS;
  while (
    !(await fetch(`${server}/status`).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (Date.now() > deadline) throw new Error('WebKitWebDriver did not start.');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const capabilities = new Capabilities({
    browserName: 'MiniBrowser',
    acceptInsecureCerts: true,
    'webkitgtk:browserOptions': { binary: BROWSER_PATHS.find(existsSync), args: ['--automation'] },
  });
  const driver = await new Builder().usingServer(server).withCapabilities(capabilities).build();
  await driver.manage().setTimeouts({ script: SCRIPT_MS, pageLoad: 120_000 });
  return driver;
}

function firstLine({ stdout }: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('Xvfb did not start.')), START_MS);
    stdout!.once('data', (data: Buffer) => {
      clearTimeout(timer);
      resolve(data.toString().trim());
    });
  });
}

/** A port that nobody uses just now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function endAll(processes: readonly ChildProcess[]): void {
  for (const { pid, spawnfile } of processes) {
    if (pid === undefined) continue;
    try {
      process.kill(spawnfile === WEBDRIVER_PATH ? -pid : pid, 'SIGTERM');
    } catch {
      // It has ended by itself.
    }
  }
}
