import { afterAll, describe, expect, it, vi } from 'vitest';
import { MAX_OTHER_VERSIONS, OTHER_VERSION_MS } from '../../../src/net/peer-limits.ts';
import { PROTOCOL_VERSION } from '../../../src/protocol/version.ts';
import { concatBytes } from '../../../src/util/bytes.ts';
import { Puppet } from './support/puppet.ts';
import { World, type TestNode } from './support/test-node.ts';

const VERSIONS = [1, 2, 9];
const HELLO = 0;
/** The beginning of a hello that every version can read. */
const greeting = (version: number, rest: ArrayLike<number> = []): Uint8Array =>
  concatBytes(Uint8Array.of(HELLO, version >> 8, version & 255), Uint8Array.from(rest));

const built = new Map<number, typeof TestNode>();

/** The whole code of a node, with another version number. */
async function nodeOf(version: number): Promise<typeof TestNode> {
  if (!built.has(version)) {
    vi.resetModules();
    vi.doMock('../../../src/protocol/version.ts', () => ({ PROTOCOL_VERSION: version }));
    built.set(version, (await import('./support/test-node.ts')).TestNode);
  }
  return built.get(version)!;
}

afterAll(() => {
  vi.doUnmock('../../../src/protocol/version.ts');
  vi.resetModules();
});

const claimed = (own: number, other: number) => ({ older: other < own ? 1 : 0, newer: other > own ? 1 : 0 });

describe('nodes of two versions', () => {
  it.each(VERSIONS.flatMap((a) => VERSIONS.map((b) => [a, b] as const)))('%i and %i', async (a, b) => {
    const world = new World();
    const [left, right] = [new (await nodeOf(a))(world, 'left'), new (await nodeOf(b))(world, 'right')];
    for (let dial = 0; dial < 2; dial++) {
      if (left.transport.links.size === 0) world.connect(left, right);
      await world.time.advance(1_000);
      expect(left.readyPeers).toEqual(a === b ? [right.peerId] : []);
      expect(right.readyPeers).toEqual(a === b ? [left.peerId] : []);
      expect(left.service.status().otherVersions).toEqual(claimed(a, b));
      expect(right.service.status().otherVersions).toEqual(claimed(b, a));
    }
    expect([...left.faults, ...right.faults]).toEqual([]);
  });
});

describe('a hello of another version', () => {
  const older = PROTOCOL_VERSION - 1;
  const newer = PROTOCOL_VERSION + 7;
  const meet = async (bytes: Uint8Array, world = new World(), node = world.node('node'), name = 'puppet') => {
    const puppet = new Puppet(world, name, node);
    await world.time.advance(100);
    puppet.sendBytes(bytes);
    await world.time.advance(100);
    return { world, node, puppet, counts: () => node.service.status().otherVersions };
  };

  it.each([
    ['nothing behind the version', greeting(newer)],
    ['other fields behind it', greeting(newer, [1, 2, 3])],
    ['the length of a whole frame', greeting(newer, new Uint8Array(65_532))],
  ])('is understood with %s', async (_what, bytes) => {
    const { puppet, counts, node } = await meet(bytes);
    expect(puppet.of('bye')).toEqual([{ type: 'bye', reason: 'version' }]);
    expect(puppet.closed).toBe(true);
    expect(counts()).toEqual({ older: 0, newer: 1 });
    expect(node.service.status().peers).toEqual([]);
  });

  it('counts each peer once, by its last hello, and only for some minutes', async () => {
    const { world, node, counts } = await meet(greeting(newer));
    await meet(greeting(older), world, node);
    await meet(greeting(older), world, node, 'second');
    expect(counts()).toEqual({ older: 2, newer: 0 });
    await world.time.advance(OTHER_VERSION_MS);
    expect(counts()).toEqual({ older: 0, newer: 0 });
  });

  it('of ever more peers takes no more memory', async () => {
    const world = new World();
    const node = world.node('node');
    for (let i = 0; i < MAX_OTHER_VERSIONS + 5; i++) await meet(greeting(newer), world, node, `liar ${i}`);
    expect(node.service.status().otherVersions).toEqual({ older: 0, newer: MAX_OTHER_VERSIONS });
  });

  it('after a valid hello is a second hello', async () => {
    const world = new World();
    const node = world.node('node');
    const puppet = new Puppet(world, 'puppet', node);
    puppet.hello();
    await world.time.advance(100);
    puppet.sendBytes(greeting(newer));
    await world.time.advance(100);
    expect(puppet.of('bye')).toEqual([{ type: 'bye', reason: 'handshake' }]);
    expect(node.service.status().otherVersions).toEqual({ older: 0, newer: 0 });
  });
});
