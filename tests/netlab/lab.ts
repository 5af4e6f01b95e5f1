import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { Chromium, CHROMIUM_PATH, type ChromiumOptions } from '../browser/harness/chromium.ts';
import { TestServer } from '../browser/harness/server.ts';
import type { Tab } from '../browser/harness/tab.ts';
import { PlainBrowser } from './plain-browser.ts';

const IMPAIR = fileURLToPath(new URL('impair.py', import.meta.url));
const SUBNET = '10.77.0';
/** The switch itself; it routes nothing. */
const GATEWAY = `${SUBNET}.254`;
const PORT = 8080;

const run = (command: string, ...args: string[]): string => execFileSync(command, args, { encoding: 'utf8', stdio: 'pipe' });

/** One machine of the laboratory: a network namespace with one cable to the switch. */
export class Host {
  readonly namespace: string;
  readonly address: string;
  readonly #lab: Lab;
  /** The switch's end of the cable. */
  readonly #port: string;

  constructor(lab: Lab, namespace: string, number: number) {
    this.#lab = lab;
    this.namespace = namespace;
    this.address = `${SUBNET}.${number}`;
    this.#port = `port${number}`;
    run('ip', 'netns', 'add', namespace);
    this.#ip('link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', this.#port, 'netns', lab.namespace);
    lab.plug(this.#port);
    this.#ip('link', 'set', 'lo', 'up');
    this.#configure(this.address);
  }

  #configure(address: string): void {
    this.#ip('addr', 'replace', `${address}/24`, 'dev', 'eth0');
    this.#ip('link', 'set', 'eth0', 'up');
    // Without a default route, no multicast leaves, so browsers could not resolve each other's mDNS names.
    this.#ip('route', 'replace', 'default', 'via', GATEWAY);
  }

  #ip(...args: string[]): void {
    run('ip', '-n', this.namespace, ...args);
  }

  /** The cable carries nothing, and no machine is told, as when a distant router fails. Other machines still reach each other. */
  setSilent(silent: boolean): void {
    if (silent) this.#lab.unplug(this.#port);
    else this.#lab.plug(this.#port);
  }

  /** The network card is switched off or on, as by flight mode. */
  setUp(up: boolean): void {
    if (up) this.#configure(this.address);
    else this.#ip('link', 'set', 'eth0', 'down');
  }

  /** The machine loses its address and gets another, as a phone that leaves a Wi-Fi network. */
  move(number: number): void {
    this.#ip('addr', 'flush', 'dev', 'eth0', 'scope', 'global');
    this.#configure(`${SUBNET}.${number}`);
  }

  /** Every frame of the cable waits `delayMs` in each direction, and `lossPercent` of the frames get lost. */
  async impair(delayMs: number, lossPercent: number): Promise<void> {
    await this.#lab.impair(this.#port, delayMs, lossPercent);
  }

  /** A browser on this machine. The pages of the laboratory's server count as secure, as on https. */
  browser(options: ChromiumOptions = {}): Promise<Chromium> {
    const flags = [this.#securePages(), ...(options.flags ?? [])];
    return this.#lab.keep(Chromium.launch({ ...options, flags, executable: this.#lab.launcherIn(this.namespace) }));
  }

  /** The same with one window, in which a tab behind another is hidden and throttled. */
  plainBrowser(): Promise<PlainBrowser> {
    return this.#lab.keep(PlainBrowser.launch(this.namespace, this.#lab.launcherIn(this.namespace), [this.#securePages()]));
  }

  #securePages(): string {
    return `--unsafely-treat-insecure-origin-as-secure=${this.#lab.origins().join(',')}`;
  }

  /** A browser with one tab on `url`. */
  async tab(url: string, options: ChromiumOptions = {}): Promise<{ browser: Chromium; tab: Tab<Page> }> {
    const browser = await this.browser(options);
    return { browser, tab: await browser.openTab(this.namespace, url) };
  }

  /** The project's own server on this machine. @param env further settings, see signaling/README.md */
  server(env: Record<string, string> = {}): Promise<TestServer> {
    return this.#lab.keep(TestServer.start({ within: ['ip', 'netns', 'exec', this.namespace], port: PORT, env }));
  }

  get url(): string {
    return `http://${this.address}:${PORT}/`;
  }
}

type Program = Chromium | PlainBrowser | TestServer;

/** A switch and machines on it, in network namespaces of this computer. Needs root. */
export class Lab {
  readonly namespace = `lab${process.pid}`;
  readonly #folder = mkdtempSync(join(tmpdir(), 'tabchain-netlab-'));
  readonly #hosts: Host[] = [];
  readonly #programs: ChildProcess[] = [];
  readonly #kept: Promise<Program>[] = [];

  constructor() {
    run('ip', 'netns', 'add', this.namespace);
    this.#ip('link', 'add', 'switch', 'type', 'bridge', 'mcast_snooping', '0');
    this.#ip('link', 'set', 'switch', 'up');
    this.#ip('addr', 'add', `${GATEWAY}/24`, 'dev', 'switch');
  }

  #ip(...args: string[]): void {
    run('ip', '-n', this.namespace, ...args);
  }

  host(): Host {
    const number = this.#hosts.length + 1;
    const host = new Host(this, `${this.namespace}-${number}`, number);
    this.#hosts.push(host);
    return host;
  }

  hosts(count: number): Host[] {
    return Array.from({ length: count }, () => this.host());
  }

  origins(): string[] {
    return this.#hosts.map(({ address }) => `http://${address}:${PORT}`);
  }

  plug(port: string): void {
    this.#ip('link', 'set', port, 'master', 'switch');
    this.#ip('link', 'set', port, 'up');
  }

  /** Takes a cable out of the switch. The machine's end does not notice, because the switch's end stays up. */
  unplug(port: string): void {
    this.#ip('link', 'set', port, 'nomaster');
  }

  /** The switch drops every UDP packet between machines, as many school networks do. */
  blockUdp(): void {
    const nft = (...args: string[]): string => run('ip', 'netns', 'exec', this.namespace, 'nft', ...args);
    nft('add', 'table', 'bridge', 'lab');
    nft('add', 'chain', 'bridge', 'lab', 'forward', '{ type filter hook forward priority 0; }');
    for (const family of ['ip protocol', 'ip6 nexthdr'])
      nft('add', 'rule', 'bridge', 'lab', 'forward', ...family.split(' '), 'udp', 'drop');
  }

  /** Puts a slow and lossy piece of cable between a port and the switch. Not by netem, because many kernels lack it. */
  async impair(port: string, delayMs: number, lossPercent: number): Promise<void> {
    const far = `${port}x`;
    this.unplug(port);
    this.#ip('link', 'add', `${far}a`, 'type', 'veth', 'peer', 'name', `${far}b`);
    this.#ip('link', 'set', `${far}a`, 'up');
    this.plug(`${far}b`);
    const python = process.env['PYTHON_PATH'] ?? 'python3';
    const args = ['netns', 'exec', this.namespace, python, IMPAIR, port, `${far}a`, String(delayMs), String(lossPercent)];
    const program = spawn('ip', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#programs.push(program);
    await once(program.stdout, 'data');
  }

  /** A further program on a host, until the laboratory closes. */
  start(host: Host, command: string, ...args: string[]): void {
    this.#programs.push(spawn('ip', ['netns', 'exec', host.namespace, command, ...args], { stdio: 'ignore' }));
  }

  keep<T extends Program>(program: Promise<T>): Promise<T> {
    this.#kept.push(program);
    return program;
  }

  launcherIn(namespace: string): string {
    const path = join(this.#folder, namespace);
    writeFileSync(path, `#!/bin/sh\nexec ip netns exec ${namespace} '${CHROMIUM_PATH}' "$@"\n`);
    chmodSync(path, 0o755);
    return path;
  }

  /** Ends all programs and deletes all namespaces. */
  async close(): Promise<void> {
    for (const program of await Promise.allSettled(this.#kept)) {
      if (program.status === 'rejected') continue;
      if (program.value instanceof TestServer) await program.value.kill();
      else await program.value.dispose();
    }
    for (const program of this.#programs) program.kill('SIGKILL');
    for (const { namespace } of this.#hosts) run('ip', 'netns', 'del', namespace);
    run('ip', 'netns', 'del', this.namespace);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
