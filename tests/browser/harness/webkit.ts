import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Tab, type DriverPage } from './tab.ts';
import { WebDriverSession } from './webdriver.ts';

const DRIVER_PATH = process.env['WEBKIT_PATH'] ?? '/usr/bin/WebKitWebDriver';
const DISPLAY_PATH = process.env['XVFB_PATH'] ?? '/usr/bin/Xvfb';

/** Whether this machine has WebKitGTK's driver and a display without a screen; without them, WebKit tests are skipped. */
export const hasWebKit = existsSync(DRIVER_PATH) && existsSync(DISPLAY_PATH);

const SCREEN = '1280x800x24';

/** Keeps the errors of a page in the page, because WebDriver has no command for a page's console. */
const WATCH = `window.problemsSeen ??= (() => {
  const seen = [];
  const { error } = console;
  console.error = (...values) => { seen.push('console: ' + values.map(String).join(' ')); error.apply(console, values); };
  addEventListener('error', (event) => seen.push('uncaught: ' + event.message));
  addEventListener('unhandledrejection', (event) => seen.push('uncaught: ' + event.reason));
  return seen;
})();`;

/** A tab of {@link WebKit} as the harness drives pages. */
export class WebKitPage implements DriverPage {
  readonly #session: WebDriverSession;
  readonly #window: string;
  /** Receives the errors of the page since it was loaded, at the end of each call. */
  onProblem: (problem: string) => void = () => undefined;

  constructor(session: WebDriverSession, window: string) {
    this.#session = session;
    this.#window = window;
  }

  async goto(url: string): Promise<void> {
    await this.#session.inWindow(this.#window, (ask) => ask('POST', '/url', { url }));
    await this.evaluate(() => null, null);
  }

  async reload(): Promise<void> {
    await this.#session.inWindow(this.#window, (ask) => ask('POST', '/refresh', {}));
    await this.evaluate(() => null, null);
  }

  close(): Promise<void> {
    return this.#session.inWindow(this.#window, (ask) => ask('DELETE', '/window'));
  }

  /** Runs `action` in the page; its argument and result are JSON. Other tabs of this browser wait meanwhile. */
  async evaluate<A, R>(action: (argument: A) => R | Promise<R>, argument: A): Promise<R> {
    const script = `${WATCH}
      const [argument, done] = arguments;
      const end = (outcome) => done({ ...outcome, problems: window.problemsSeen.splice(0) });
      Promise.resolve(argument).then(${action.toString()}).then((value) => end({ value }), (thrown) => end({ thrown: String(thrown) }));`;
    const outcome = await this.#session.inWindow(this.#window, (ask) =>
      ask<{ value: R; thrown?: string; problems: string[] }>('POST', '/execute/async', { script, args: [argument] }),
    );
    outcome.problems.forEach((problem) => this.onProblem(problem));
    if (outcome.thrown !== undefined) throw new Error(outcome.thrown);
    return outcome.value;
  }

  async screenshot({ path }: { path: `${string}.png` }): Promise<void> {
    const base64 = await this.#session.inWindow(this.#window, (ask) => ask<string>('GET', '/screenshot'));
    writeFileSync(path, Buffer.from(base64, 'base64'));
  }
}

/**
 * One WebKitGTK, which has Safari's engine, with an empty profile and a display of its own. Debian's build has no `RTCPeerConnection`, so
 * its tabs have relayed links. Problems of a tab are those after its page has loaded, and arrive with the next call.
 */
export class WebKit {
  readonly #profile: string;
  readonly #processes: readonly ChildProcess[];
  readonly #session: WebDriverSession;
  /** The window that the browser opened by itself; null once a tab uses it. */
  #firstWindow: string | null;

  private constructor(profile: string, processes: readonly ChildProcess[], session: WebDriverSession, firstWindow: string) {
    this.#profile = profile;
    this.#processes = processes;
    this.#session = session;
    this.#firstWindow = firstWindow;
  }

  static async launch(): Promise<WebKit> {
    const profile = mkdtempSync(join(tmpdir(), 'tabchain-webkit-'));
    const processes: ChildProcess[] = [];
    try {
      const screen = spawnGroup(DISPLAY_PATH, ['-displayfd', '1', '-screen', '0', SCREEN, '-nolisten', 'tcp'], {});
      processes.push(screen);
      const [display] = (await once(createInterface(screen.stdout!), 'line')) as [string];
      const port = await freePort();
      const driver = spawnGroup(DRIVER_PATH, [`--port=${port}`], environment(profile, `:${display}`));
      processes.push(driver);
      const session = await WebDriverSession.start(`http://127.0.0.1:${port}`, { acceptInsecureCerts: true });
      return new WebKit(profile, processes, session, await session.ask<string>('GET', '/window'));
    } catch (error) {
      for (const process of processes) endGroup(process);
      throw error;
    }
  }

  async newTab(name: string): Promise<Tab<WebKitPage>> {
    const window = this.#firstWindow ?? (await this.#session.ask<{ handle: string }>('POST', '/window/new', { type: 'tab' })).handle;
    this.#firstWindow = null;
    const tab = new Tab(name, new WebKitPage(this.#session, window));
    tab.page.onProblem = (problem) => tab.problems.push(problem);
    return tab;
  }

  /** Opens a tab on `url` and waits until its node is ready. */
  async openTab(name: string, url: string): Promise<Tab<WebKitPage>> {
    const tab = await this.newTab(name);
    await tab.open(url);
    return tab;
  }

  /** Closes the browser and deletes its profile. */
  async dispose(): Promise<void> {
    // If the browser has crashed, its processes still have to end.
    await this.#session.end().catch(() => undefined);
    for (const process of this.#processes) endGroup(process);
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** Folders of an empty profile; drawing without a graphics card. */
function environment(profile: string, display: string): NodeJS.ProcessEnv {
  const folders = { HOME: profile, XDG_CONFIG_HOME: profile, XDG_DATA_HOME: join(profile, 'data'), XDG_CACHE_HOME: join(profile, 'cache') };
  return { ...folders, DISPLAY: display, GDK_BACKEND: 'x11', LIBGL_ALWAYS_SOFTWARE: '1', LANGUAGE: 'en_GB' };
}

/** Starts a program with all its later processes in one group. */
function spawnGroup(path: string, args: readonly string[], added: NodeJS.ProcessEnv): ChildProcess {
  return spawn(path, args, { env: { ...process.env, ...added }, stdio: ['ignore', 'pipe', 'ignore'], detached: true });
}

function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

/** A port that is free now, because the driver cannot choose one and report it. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
