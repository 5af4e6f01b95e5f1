import { randomBytes } from 'node:crypto';
import { rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createIdentity } from '../../../src/webrtc/identity.ts';
import { encodeMessage, encodeRelayFrame, joinStatement } from '../../../src/protocol/signaling.ts';
import { toHex } from '../../../src/util/bytes.ts';
import { Prng } from '../../sim/engine/prng.ts';
import { bytesOf } from '../support/inputs.ts';
import { mutate } from '../support/mutate.ts';
import { BINARY, CLOSE, PING, TEXT, brokenFrame, frame } from './frames.ts';
import { LARGE_FILE, writePage } from './running-server.ts';
import { Visitor, type Door } from './visitor.ts';

/** One act of a stranger. @param from the stranger's address */
export type Attack = (door: Door, random: Prng, from: string) => Promise<void>;

const MAX_REQUEST_BYTES = 20_000;
/** Longest time to answer a handshake, also over TLS and on a busy machine. */
const ANSWER_MS = 5_000;
const PATHS = [
  '/',
  '/assets/page-0000.js',
  `/${LARGE_FILE}`,
  '/links.json',
  '/missing',
  '/class/',
  '/%zz',
  '//',
  '/signal',
  '*',
  'http://x/',
];
const HOSTS = ['localhost', '127.0.0.1:8080', '[::1]', 'evil.example', '', 'a b', 'localhost:99999999'];
const HEADERS = [
  'Range: bytes=2-1',
  'Range: bytes=0-9007199254740993',
  'Range: bytes=-99999999999999999999',
  'If-None-Match: *',
  'If-Match: "x"',
  'If-Modified-Since: Thu, 99 Foo 99999 99:99:99 GMT',
  'Accept-Encoding: br, gzip, ;q=, *;q=0',
  'Accept: text/html',
  'Connection: close',
  'Connection: Upgrade\r\nUpgrade: h2c',
  'Connection: Upgrade\r\nUpgrade: websocket',
  'Content-Length: 10',
  'Content-Length: -1',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: chunked\r\nContent-Length: 5',
  'Expect: 100-continue',
  'Expect: everything',
  'X-Forwarded-For: 1.2.3.4',
  'X-Forwarded-Host: evil.example',
  'Origin: null',
  'Cookie: ' + 'x'.repeat(9_000),
  'Host: second.example',
];
const METHODS = ['GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT', 'OPTIONS', 'TRACE', 'CONNECT', 'PRI', 'get'];
const WORDS = ['\r\n', '\r\n\r\n', '\n', '\0', 'HTTP/1.0', 'HTTP/9.9', '0\r\n\r\n', 'ffffffffffffffff\r\n', ...HEADERS].map(bytesOf);

function request(random: Prng): Uint8Array {
  const headers = Array.from({ length: random.int(0, 4) }, () => random.pick(HEADERS));
  const version = random.chance(0.9) ? 'HTTP/1.1' : random.pick(['HTTP/1.0', 'HTTP/2.0', '']);
  const lines = [
    `${random.pick(METHODS)} ${random.pick(PATHS)} ${version}`,
    `Host: ${random.chance(0.8) ? 'localhost' : random.pick(HOSTS)}`,
    ...headers,
  ];
  return bytesOf(`${lines.join('\r\n')}\r\n\r\n`);
}

/** Valid and invalid requests, one after another or all at once. */
const requests: Attack = async (door, random, from) => {
  const visitor = new Visitor(door, random, from);
  const count = random.chance(0.3) ? random.int(2, 20) : 1;
  for (let i = 0; i < count && !visitor.closed; i++) {
    const whole = request(random);
    door.counts.requests++;
    await visitor.send(random.chance(0.4) ? mutate(whole, random, [whole], WORDS, MAX_REQUEST_BYTES) : whole);
    if (random.chance(0.5)) await visitor.hear();
  }
  await visitor.leave();
};

/** A request that stops in the middle. */
const halfARequest: Attack = async (door, random, from) => {
  const visitor = new Visitor(door, random, from);
  const whole = request(random);
  door.counts.requests++;
  await visitor.send(whole.subarray(0, random.int(0, whole.length)));
  if (random.chance(0.05)) await visitor.hear(door.patienceMs);
  await visitor.leave();
};

/** Requests a large file and does not read it. */
const slowReader: Attack = async (door, random, from) => {
  const visitor = new Visitor(door, random, from);
  visitor.socket.pause();
  const times = random.int(1, 5);
  door.counts.requests += times;
  await visitor.send(bytesOf(`GET /${LARGE_FILE} HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(times)));
  await pause(random.int(0, 300));
  if (random.chance(0.5)) visitor.socket.resume();
  await visitor.leave();
};

/** Random bytes, or bytes of the wrong protocol. */
const noise: Attack = async (door, random, from) => {
  const visitor = new Visitor(door, random, from, { raw: random.chance(0.5) });
  const hello = Buffer.from('160301020001000001fc0303', 'hex');
  await visitor.send(random.chance(0.3) ? hello : random.bytes(random.int(0, 3_000)));
  await visitor.leave();
};

function handshake(random: Prng): Uint8Array {
  const path = random.chance(0.9) ? random.pick(['/signal', '/class/signal', '/signal?x']) : random.pick(PATHS);
  const lines = [`GET ${path} HTTP/1.1`, 'Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
  lines.push(`Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`);
  if (random.chance(0.3)) lines.push('Sec-WebSocket-Extensions: permessage-deflate');
  if (random.chance(0.3)) lines.push(random.pick(['Origin: http://localhost', 'Origin: null', 'Origin: http://evil.example']));
  return bytesOf(`${lines.join('\r\n')}\r\n\r\n`);
}

/** Sends a valid or an invalid handshake. @returns whether the server accepted it */
async function enter(visitor: Visitor, door: Door, random: Prng, right: boolean): Promise<boolean> {
  const whole = handshake(random);
  door.counts.handshakes++;
  await visitor.send(right ? whole : mutate(whole, random, [whole], WORDS, MAX_REQUEST_BYTES));
  await visitor.hear(right ? ANSWER_MS : undefined);
  return visitor.received.subarray(9, 12).toString() === '101';
}

const ROOMS = ['ab'.repeat(32), 'cd'.repeat(32)];
const TABS = Array.from({ length: 40 }, (_, i) => createIdentity(new Prng(`tab-${i}`)));

/** A tab's proof for this connection, or sometimes for another one. */
function joinFrame(visitor: Visitor, random: Prng): Buffer {
  const nonce = /"nonce":"([0-9a-f]+)"/.exec(visitor.received.toString('latin1'))?.[1] ?? '';
  const room = random.pick(ROOMS);
  const { peerId, publicKey, sign } = random.pick(TABS);
  const signature = toHex(sign(joinStatement(random.chance(0.9) ? nonce : '00'.repeat(16), room, peerId)));
  return frame(TEXT, bytesOf(encodeMessage({ type: 'join', room, peer: peerId, key: toHex(publicKey), signature })));
}

function message(visitor: Visitor, random: Prng): Buffer {
  const to = random.pick(TABS).peerId;
  switch (random.int(0, 9)) {
    case 0:
      return random.chance(0.2) ? joinFrame(visitor, random) : frame(TEXT, bytesOf(encodeMessage({ type: 'ping' })));
    case 1:
      return frame(TEXT, bytesOf(encodeMessage({ type: 'leave' })));
    case 2:
      return frame(PING, random.bytes(random.int(0, 125)));
    case 3:
      return frame(TEXT, bytesOf('x'.repeat(random.int(0, 100))), random.chance(0.5));
    case 4:
      return frame(0, random.bytes(random.int(0, 100)), random.chance(0.5));
    case 5:
      return frame(CLOSE, Uint8Array.of(3, random.int(0, 255)));
    case 6:
      return frame(BINARY, encodeRelayFrame(to, random.bytes(random.chance(0.1) ? 200_000 : random.int(0, 1_000))));
    case 7:
      return brokenFrame(random);
    default:
      return frame(
        TEXT,
        bytesOf(encodeMessage({ type: 'signal', to, data: 'x'.repeat(random.chance(0.1) ? 60_000 : random.int(0, 500)) })),
      );
  }
}

/** A handshake after a request that is still being answered. */
const lateHandshake: Attack = async (door, random, from) => {
  const visitor = new Visitor(door, random, from);
  door.counts.requests++;
  door.counts.handshakes++;
  await visitor.send(Buffer.concat([bytesOf(`GET ${random.pick(PATHS)} HTTP/1.1\r\nHost: localhost\r\n\r\n`), handshake(random)]));
  await visitor.leave();
};

/** A handshake that fails. */
const brokenHandshake: Attack = async (door, random, from) => {
  const visitor = new Visitor(door, random, from);
  if (random.chance(0.3)) await visitor.send(handshake(random));
  else await enter(visitor, door, random, false);
  await visitor.leave();
};

/** A tab that sends arbitrary messages, perhaps without reading. */
const frames: Attack = async (door, random, from) => {
  const visitor = new Visitor(door, random, from);
  if (!(await enter(visitor, door, random, true))) return visitor.leave();
  if (random.chance(0.8)) {
    // The server's first message is the challenge that a tab must sign.
    if (!/nonce/.test(visitor.received.toString('latin1'))) await visitor.hear(ANSWER_MS);
    await visitor.send(joinFrame(visitor, random));
  }
  if (random.chance(0.3)) visitor.socket.pause();
  const count = Math.floor(random.logarithmic(1, 60));
  for (let i = 0; i < count && !visitor.closed; i++) {
    const whole = message(visitor, random);
    door.counts.frames++;
    await visitor.send(
      random.chance(0.05) && whole.length < MAX_REQUEST_BYTES ? mutate(whole, random, [whole], [], MAX_REQUEST_BYTES) : whole,
    );
    if (random.chance(0.1)) await visitor.hear(50);
  }
  await visitor.leave();
};

/** Removes, truncates or replaces files, and restores them. @param folder of the page */
export function vanish(folder: string, door: Door, random: Prng): void {
  const path = join(folder, random.pick(['index.html', 'assets/page-0000.js', 'assets/page-0000.js.br', LARGE_FILE, 'assets']));
  door.counts.files++;
  switch (random.int(0, 3)) {
    case 0:
      return rmSync(path, { recursive: true, force: true });
    case 1:
      rmSync(path, { recursive: true, force: true });
      return writePage(folder);
    case 2:
      writePage(folder);
      if (!path.endsWith('assets')) truncateSync(path, random.int(0, 10));
      return;
    default:
      writePage(folder);
      rmSync(path, { recursive: true, force: true });
      // Briefly a file in place of a folder.
      writeFileSync(path, random.bytes(10));
      rmSync(path);
      writePage(folder);
  }
}

/** All attacks; repeated entries are more frequent. */
export const ATTACKS: readonly Attack[] = [
  requests,
  requests,
  requests,
  requests,
  halfARequest,
  noise,
  brokenHandshake,
  lateHandshake,
  frames,
  frames,
  slowReader,
];
