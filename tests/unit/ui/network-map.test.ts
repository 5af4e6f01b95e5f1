import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LinkKind, Neighbourhood, PeerInfo } from '../../../src/api/api.ts';
import { linkedTabs, MAX_LINES, MAX_TABS, networkMap, type NetworkMap } from '../../../src/ui/features/network/map-model.ts';
import { waysToMeet } from '../../../src/ui/features/network/ways-to-meet.ts';

type Told = Neighbourhood['links'][number]['neighbours'];

const idOf = (n: number): string => n.toString(16).padStart(16, '0');
const [SELF, A, B, C, D] = [0, 1, 2, 3, 4].map(idOf) as [string, string, string, string, string];

const link = (peer: string, neighbours: Told = [], kind: LinkKind = 'direct'): Neighbourhood['links'][number] => ({
  peer,
  kind,
  met: 'server',
  outgoing: true,
  sinceMs: 1_000,
  sentBytes: 10,
  receivedBytes: 20,
  neighbours,
});

const around = (...links: Neighbourhood['links']): Neighbourhood => ({ self: SELF, links, known: links.length, servers: [] });

const told = (...peers: string[]): Told => peers.map((peer) => ({ peer, kind: 'direct' }));

const info = (id: string, fields: Partial<PeerInfo> = {}): PeerInfo => ({
  id,
  kind: 'direct',
  met: 'server',
  state: 'ready',
  height: 9,
  tip: 'ab'.repeat(32),
  agrees: true,
  base: 0,
  greeting: null,
  latencyMs: 12,
  connectedAt: 1,
  received: 20,
  sent: 10,
  agent: 'tabchain/0',
  team: false,
  ...fields,
});

const ends = ({ lines }: NetworkMap): string[][] => lines.map(({ from, to }) => [from, to]);

describe('the map of the network', () => {
  it('has this tab in the middle, its peers around it, and their neighbours outside', () => {
    const map = networkMap(around(link(B), link(A, told(B, C), 'relayed')), [info(A), info(B, { agrees: false })]);
    expect(map.tabs.map(({ id, hops, standing, links }) => [id, hops, standing, links])).toEqual([
      [SELF, 0, 'agrees', 2],
      [A, 1, 'agrees', 3],
      [B, 1, 'differs', 2],
      [C, 2, 'unknown', 1],
    ]);
    expect(map.lines.map(({ from, to, kind, own }) => [from, to, kind, own])).toEqual([
      [SELF, A, 'relayed', true],
      [SELF, B, 'direct', true],
      [A, B, 'direct', false],
      [A, C, 'direct', false],
    ]);
    expect(map.hidden).toBe(0);
  });

  it('counts only links that work as connected', () => {
    const peers = [info(A), info(B, { state: 'silent' }), info(C, { state: 'connecting' })];
    const map = networkMap(around(link(A), link(B), link(C), link(D)), peers);
    expect(map.tabs.map(({ state }) => state)).toEqual([null, 'ready', 'silent', 'connecting', 'connecting']);
    expect(linkedTabs(map)).toBe(1);
  });

  it('draws a link once, however many tabs tell of it', () => {
    const map = networkMap(around(link(A, told(B, B, SELF, A)), link(B, told(A, SELF))), []);
    expect(ends(map)).toEqual([
      [SELF, A],
      [SELF, B],
      [A, B],
    ]);
    expect(map.tabs.map(({ standing }) => standing)).toEqual(['agrees', 'unknown', 'unknown']);
  });

  it('shows of the strangers those that most peers name, and says how many it leaves out', () => {
    const crowd = Array.from({ length: 2 * MAX_TABS }, (_, i) => idOf(1_000 + i));
    const map = networkMap(around(link(A, told(...crowd)), link(B, told(D)), link(C, told(D))), []);
    expect(map.tabs).toHaveLength(1 + MAX_TABS);
    expect(map.tabs.slice(0, 5).map(({ id }) => id)).toEqual([SELF, A, B, C, D]);
    expect(map.hidden).toBe(3 + 1 + crowd.length - MAX_TABS);
  });

  it.each(['', '<img src=x onerror=alert(1)>', 'A'.repeat(16), '0'.repeat(17), '{{constructor}}', `${'0'.repeat(15)}\n`])(
    'leaves out an id that no tab can have: %j',
    (strange) => {
      expect(networkMap(around(link(strange, told(A)), link(B, told(strange))), []).tabs.map(({ id }) => id)).toEqual([SELF, B]);
    },
  );

  it('is bounded, whole and without duplicates, whatever the peers tell', () => {
    const id = fc.integer({ min: 0, max: 400 }).map(idOf);
    const links = fc.array(
      fc.record({ peer: id, told: fc.array(id, { maxLength: 300 }) }).map(({ peer, told: ids }) => link(peer, told(...ids))),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(links, fc.array(id), (all, peers) => {
        const map = networkMap(
          around(...all),
          peers.map((peer) => info(peer)),
        );
        const ids = map.tabs.map((tab) => tab.id);
        expect(ids[0]).toBe(SELF);
        expect(ids.length).toBeLessThanOrEqual(1 + MAX_TABS);
        expect(new Set(ids).size).toBe(ids.length);
        expect(map.lines.length).toBeLessThanOrEqual(MAX_LINES);
        expect(new Set(map.lines.map(({ key }) => key)).size).toBe(map.lines.length);
        expect(ends(map).filter(([from, to]) => from === to || !ids.includes(from!) || !ids.includes(to!))).toEqual([]);
        const known = new Set(all.flatMap(({ peer, neighbours }) => [peer, ...neighbours.map((each) => each.peer)]));
        known.delete(SELF);
        // A peer whose link is refused as a link to this tab tells nothing.
        expect(map.tabs.length - 1 + map.hidden).toBeLessThanOrEqual(known.size);
      }),
      { numRuns: 50 },
    );
  });
});

describe('the ways to meet', () => {
  const server = (state: Neighbourhood['servers'][number]['state']): Neighbourhood['servers'][number] => ({ url: `wss://${state}`, state });
  it.each([
    ['server', [server('unreachable'), server('connected')], []],
    ['peers', [server('unreachable')], [link(A)]],
    ['none-reached', [server('connecting')], []],
    ['no-server', [], [link(A)]],
    ['no-server-alone', [server('off')], []],
  ])('are %s', (ways, servers, links) => {
    expect(waysToMeet({ servers, links })).toBe(ways);
  });
});
