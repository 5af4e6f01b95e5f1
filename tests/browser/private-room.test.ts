import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { parseNetworkLink } from '../../src/protocol/network.ts';
import { newRoomKey } from '../../src/protocol/room-key.ts';
import { roomOf } from '../../src/protocol/room.ts';
import { seededRandom } from '../unit/net/support/test-node.ts';
import { Chromium } from './harness/chromium.ts';
import { testNetworkLink } from './harness/network-link.ts';
import { TestServer } from './harness/server.ts';
import type { Tab } from './harness/tab.ts';
import { waitUntil } from './harness/wait.ts';

/** So all links are relayed, and the server sees their bytes too. */
const NO_UDP = ['--webrtc-ip-handling-policy=disable_non_proxied_udp'];

/** A signaling server that records what it sees: it passes everything on to another server. */
class RecordingServer {
  /** All that tabs sent, by their room, as text. */
  readonly seen = new Map<string, string>();
  readonly #server = new WebSocketServer({ port: 0 });

  constructor(url: string) {
    this.#server.on('connection', (tab) => {
      const server = new WebSocket(url);
      const waiting: (() => void)[] = [];
      let room = '';
      tab.on('message', (data: Buffer, binary) => {
        const text = data.toString('latin1');
        if (!binary) room = (JSON.parse(text) as { room?: string }).room ?? room;
        this.seen.set(room, (this.seen.get(room) ?? '') + text);
        const pass = (): void => server.send(data, { binary });
        if (server.readyState === WebSocket.OPEN) pass();
        else waiting.push(pass);
      });
      server.on('open', () => waiting.forEach((pass) => pass()));
      server.on('message', (data: Buffer, binary) => tab.send(data, { binary }));
      for (const [one, other] of [
        [tab, server],
        [server, tab],
      ] as const) {
        one.on('close', () => other.close());
        one.on('error', () => other.close());
      }
    });
  }

  get url(): string {
    return `ws://localhost:${(this.#server.address() as AddressInfo).port}/signal`;
  }

  close(): void {
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }
}

interface RecordingWindow {
  iceServers: RTCIceServer[][];
}

/** Remembers the configuration of each connection that the page makes. */
async function recordConnections(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const recording = window as unknown as RecordingWindow;
    recording.iceServers = [];
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        recording.iceServers.push(this.getConfiguration().iceServers ?? []);
      }
    };
  });
}

describe.sequential('a private room', () => {
  const network = testNetworkLink('private-room');
  const key = newRoomKey(seededRandom('private room'));
  let server: TestServer;
  let recorder: RecordingServer;
  const browsers: Chromium[] = [];
  const tabs: Tab<Page>[] = [];

  beforeAll(async () => {
    server = await TestServer.start();
    recorder = new RecordingServer(`ws://localhost:${server.port}/signal`);
    const link = `${server.url}${network}&signal=${recorder.url}`;
    const keyed = `${link}&key=${key}&stun=127.0.0.1:9&turn=user:secret-word@127.0.0.1:9`;
    for (let i = 0; i < 2; i++) {
      const browser = await Chromium.launch({ flags: NO_UDP });
      browsers.push(browser);
      for (const [name, address] of [
        [`keyed ${i}`, keyed],
        [`open ${i}`, link],
      ] as const) {
        const tab = await browser.newTab(name);
        tabs.push(tab);
        await recordConnections(tab.page);
        await tab.open(address);
      }
    }
  });

  afterAll(async () => {
    for (const browser of browsers) await browser.dispose();
    recorder?.close();
    await server?.kill();
  });

  test('is met only with the key, by a server that reads neither introductions nor relayed bytes', async () => {
    const statuses = await waitUntil(tabs, 'a link of each tab', (all) =>
      all.every(({ peers }) => peers.some(({ state }) => state === 'ready')),
    );
    const ids = await Promise.all(tabs.map(async (tab) => (await tab.call('neighbourhood')).self));
    const others = statuses.map(({ peers }) => peers.map(({ id }) => id));
    // The tabs come in the order: keyed, open, keyed, open.
    expect(others).toEqual([[ids[2]], [ids[3]], [ids[0]], [ids[1]]]);

    const openRoom = roomOf(parseNetworkLink(network));
    const rooms = [...recorder.seen.keys()].filter((room) => room !== '');
    expect(rooms).toHaveLength(2);
    const open = recorder.seen.get(openRoom)!;
    const keyed = recorder.seen.get(rooms.find((room) => room !== openRoom)!)!;
    // What the server sees of the open room shows that it would see these words.
    for (const word of ['webrtc-datachannel', 'a=fingerprint', 'relay-open', 'tabchain/']) {
      expect([word, open.includes(word), keyed.includes(word)]).toEqual([word, true, false]);
    }
    for (const secret of [key, key.slice(0, 8), openRoom]) expect(keyed).not.toContain(secret);
  });

  test('uses the STUN and TURN servers of its link, and no answer of the API contains a secret', async () => {
    const recorded = await Promise.all(tabs.map(({ page }) => page.evaluate(() => (window as unknown as RecordingWindow).iceServers)));
    const turn = { urls: ['turn:127.0.0.1:9'], username: 'user', credential: 'secret-word' };
    for (const [i, connections] of recorded.entries()) {
      expect(connections.length).toBeGreaterThan(0);
      const urls = connections.map((servers) => servers.flatMap((each) => each.urls));
      expect(urls).toEqual(connections.map(() => (i % 2 === 0 ? ['stun:127.0.0.1:9', 'turn:127.0.0.1:9'] : [])));
      if (i % 2 === 0) expect(connections[0]![1]).toMatchObject({ username: turn.username, credential: turn.credential });
    }
    const [alex] = tabs;
    const answers = await Promise.all([alex!.status(), alex!.call('servers'), alex!.call('neighbourhood')]);
    expect(JSON.stringify(answers)).not.toMatch(new RegExp(`${key}|secret-word`));
    expect(answers[1].map(({ kind, address, source }) => [kind, address, source])).toEqual([
      ['signaling', recorder.url, 'link'],
      ['ice', 'stun:127.0.0.1:9', 'link'],
      ['ice', 'turn:127.0.0.1:9', 'link'],
    ]);
    expect(tabs.flatMap(({ problems }) => problems)).toEqual([]);
  });
});
