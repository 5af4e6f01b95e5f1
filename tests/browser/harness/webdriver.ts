/**
 * A client of the W3C's WebDriver protocol over fetch, with the commands that the harness needs. The well-kept libraries
 * (selenium-webdriver, webdriver) need Node 22, and Playwright and Puppeteer cannot drive WebKitGTK.
 */

/** Sends one command of the session; `path` is relative to the session. */
export type Ask = <T>(method: 'GET' | 'POST' | 'DELETE', path: string, body?: object) => Promise<T>;

/** A page on two busy cores may take long. */
const TIMEOUTS = { script: 300_000, pageLoad: 120_000 };
const START_LIMIT_MS = 30_000;

/** One browser under a WebDriver process. */
export class WebDriverSession {
  readonly #url: string;
  /** Commands meant for one window run together, because the driver applies each command to its current window. */
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(url: string) {
    this.#url = url;
  }

  /** Waits for the driver at `driverUrl`, and lets it start a browser. */
  static async start(driverUrl: string, capabilities: object): Promise<WebDriverSession> {
    const deadlineMs = Date.now() + START_LIMIT_MS;
    while (!(await answers(`${driverUrl}/status`))) {
      if (Date.now() > deadlineMs) throw new Error(`No WebDriver answers at ${driverUrl}.`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const request = { capabilities: { alwaysMatch: capabilities } };
    const { sessionId } = await send<{ sessionId: string }>('POST', `${driverUrl}/session`, request);
    const session = new WebDriverSession(`${driverUrl}/session/${sessionId}`);
    await session.ask('POST', '/timeouts', TIMEOUTS);
    return session;
  }

  /** Runs `work` with `window` as the current window, after all earlier work. */
  inWindow<T>(window: string, work: (ask: Ask) => Promise<T>): Promise<T> {
    const result = this.#queue.then(async () => {
      await this.ask('POST', '/window', { handle: window });
      return work(this.ask);
    });
    this.#queue = result.catch(() => undefined);
    return result;
  }

  readonly ask: Ask = (method, path, body) => send(method, this.#url + path, body);

  /** Closes the browser. */
  end(): Promise<void> {
    return this.ask('DELETE', '');
  }
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function send<T>(method: string, url: string, body?: object): Promise<T> {
  const response = await fetch(url, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const { value } = (await response.json()) as { value: unknown };
  if (response.ok) return value as T;
  const { error, message } = value as { error: string; message: string };
  throw new Error(`${error}: ${message}`);
}
