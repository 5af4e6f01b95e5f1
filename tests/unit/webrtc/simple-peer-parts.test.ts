import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { Buffer as LinkBuffer, Duplex } from '../../../src/webrtc/simple-peer-parts/stream.ts';
import * as randombytesModule from '../../../src/webrtc/simple-peer-parts/randombytes.ts';

const source = readFileSync(createRequire(import.meta.url).resolve('simple-peer/index.js'), 'utf8');
const namesAfter = (pattern: RegExp): string[] => [...new Set([...source.matchAll(pattern)].map(([, name]) => name!))].sort();

describe('the parts that stand in for packages of simple-peer', () => {
  it('hands over each message at once, in order, and nothing after the end', () => {
    const stream = new Duplex();
    const got: unknown[] = [];
    stream.on('data', (message: unknown) => got.push(message));
    expect(stream.push('a')).toBe(true);
    stream.push('b');
    expect(got).toEqual(['a', 'b']);
    expect(stream.push(null)).toBe(false);
    stream.push('late');
    expect(got).toEqual(['a', 'b']);
    expect(stream._readableState.ended).toBe(true);
    expect(stream._writableState.finished).toBe(false);
    expect(stream.end()._writableState.finished).toBe(true);
  });

  it('calls a listener of `once` a single time, also when others remove themselves meanwhile', () => {
    const stream = new Duplex();
    const calls: string[] = [];
    const second = (): void => void calls.push('second');
    stream.once('connect', (how: string) => calls.push(`once ${how}`));
    stream.on('connect', second);
    expect(stream.emit('connect', 'now')).toBe(true);
    stream.emit('connect', 'again');
    expect(calls).toEqual(['once now', 'second', 'second']);
    stream.removeListener('connect', second);
    expect(stream.emit('connect')).toBe(false);
  });

  it('throws an error that nobody hears', () => {
    const stream = new Duplex();
    expect(() => stream.emit('error', new Error('the channel broke'))).toThrow('the channel broke');
    const heard: unknown[] = [];
    stream.on('error', (error: Error) => heard.push(error.message));
    stream.emit('error', new Error('once more'));
    expect(heard).toEqual(['once more']);
  });

  it('does not copy the bytes of a message', () => {
    const data = Uint8Array.of(1, 2, 3).buffer;
    expect(LinkBuffer.from(data).buffer).toBe(data);
  });

  it('names channels by as many random digits as asked', () => {
    const { 'module.exports': randombytes } = randombytesModule;
    expect(randombytes(20).toString('hex')).toMatch(/^[0-9a-f]{40}$/);
    expect(randombytes(20).toString('hex')).not.toBe(randombytes(20).toString('hex'));
  });

  it('has all that simple-peer takes of these packages', () => {
    expect(namesAfter(/require\('([^']+)'\)/g)).toEqual([
      'buffer',
      'debug',
      'err-code',
      'get-browser-rtc',
      'queue-microtask',
      'randombytes',
      'readable-stream',
    ]);
    expect(namesAfter(/\bstream\.([A-Z]\w+)/g)).toEqual(['Duplex']);
    expect(namesAfter(/\bBuffer\.(\w+)/g)).toEqual(['from']);
    expect(namesAfter(/randombytes\(\d+\)\.(\w+\('\w+'\))/g)).toEqual(["toString('hex')"]);
    expect(namesAfter(/this\._readableState\.(\w+)/g)).toEqual(['ended']);
    expect(namesAfter(/this\._writableState\.(\w+)/g)).toEqual(['finished']);
    // Every other method that simple-peer calls on itself is its own.
    const called = namesAfter(/\bthis\.(\w+)\(/g);
    const own = namesAfter(/^ {2}(?:async )?(\w+) \(.*\) \{$/gm);
    const set = namesAfter(/\bthis\.(\w+) = /g);
    expect(called.filter((name) => !own.includes(name) && !set.includes(name))).toEqual(['emit', 'end', 'once', 'push', 'removeListener']);
  });
});
