import { describe, expect, it } from 'vitest';
import { MapLayout, type Point } from '../../../src/ui/features/network/map-layout.ts';
import type { MapLine, MapTab, NetworkMap } from '../../../src/ui/features/network/map-model.ts';

const idOf = (n: number): string =>
  Math.imul(n + 1, 0x9e3779b1 >>> 0)
    .toString(16)
    .replace('-', '')
    .padStart(16, 'b');
const RADII = { x: 400, y: 220 };
const GAP = 24;

/** A map of `linked` peers and `others`, each linked with some tabs before it. */
function mapOf(linked: number, others: number, latencyMs: (n: number) => number = () => 30): NetworkMap {
  const tab = (n: number, hops: MapTab['hops']): MapTab => ({
    id: idOf(n),
    hops,
    standing: 'agrees',
    state: null,
    link: null,
    links: 1,
    peer: hops === 1 ? ({ latencyMs: latencyMs(n) } as MapTab['peer']) : null,
  });
  const line = (from: number, to: number, own: boolean): MapLine => ({
    key: `${from} ${to}`,
    from: idOf(from),
    to: idOf(to),
    kind: 'direct',
    own,
  });
  const tabs = [tab(0, 0)];
  const lines: MapLine[] = [];
  for (let n = 1; n <= linked + others; n++) {
    tabs.push(tab(n, n <= linked ? 1 : 2));
    if (n <= linked) lines.push(line(0, n, true));
    for (const other of [(n * 7) % n, (n * 5 + 3) % n]) if (other !== 0) lines.push(line(other, n, false));
  }
  return { tabs, lines: lines.filter((each, i) => lines.findIndex(({ key }) => key === each.key) === i), hidden: 0 };
}

function laidOut(map: NetworkMap): MapLayout {
  const layout = new MapLayout();
  layout.resize(RADII, GAP);
  layout.show(map);
  layout.settle();
  return layout;
}

const distance = (a: Point, b: Point = { x: 0, y: 0 }): number => Math.hypot(a.x - b.x, a.y - b.y);

describe('the layout of the map', () => {
  it.each([
    [0, 0],
    [1, 0],
    [3, 2],
    [24, 95],
    [160, 0],
  ])('puts this tab in the middle and %i peers and %i others inside, apart from each other', (linked, others) => {
    const map = mapOf(linked, others);
    const layout = laidOut(map);
    const places = map.tabs.map(({ id }) => layout.at(id));
    expect(places[0]).toMatchObject({ x: 0, y: 0 });
    expect(places.filter(({ x, y }) => !(Math.hypot(x / RADII.x, y / RADII.y) < 1.001))).toEqual([]);
    const close = places.flatMap((a, i) => places.slice(i + 1).filter((b) => distance(a, b) < GAP / 2));
    expect(close).toEqual([]);
  });

  it('comes to rest, and then a newer map with the same tabs and links moves nothing', () => {
    const map = mapOf(8, 12);
    const layout = laidOut(map);
    expect(layout.step()).toBe(false);
    layout.show({ ...mapOf(8, 12, () => 55), hidden: 9 });
    expect(layout.step()).toBe(false);
  });

  it('leaves the tabs about where they are when a tab comes or goes', () => {
    const layout = laidOut(mapOf(8, 12));
    const ids = mapOf(8, 12).tabs.map(({ id }) => id);
    const before = ids.map((id) => ({ ...layout.at(id) }));
    layout.show(mapOf(8, 13));
    layout.settle();
    const moved = ids.map((id, i) => distance(layout.at(id), before[i]));
    expect(Math.max(...moved)).toBeLessThan(1.5 * GAP);
    layout.show(mapOf(8, 12));
    layout.settle();
    expect(Math.max(...ids.map((id, i) => distance(layout.at(id), before[i])))).toBeLessThan(2 * GAP);
  });

  it('puts a tab farther out the longer its delay', () => {
    const layout = laidOut(mapOf(6, 0, (n) => 4 ** n));
    const far = [1, 2, 3, 4, 5].map((n) => distance(layout.at(idOf(n))));
    expect([...far].sort((a, b) => a - b)).toEqual(far);
  });

  it('fits another window at once', () => {
    const map = mapOf(10, 30);
    const layout = laidOut(map);
    layout.resize({ x: 150, y: 160 }, GAP);
    const outside = map.tabs.map(({ id }) => layout.at(id)).filter(({ x, y }) => Math.hypot(x / 150, y / 160) > 1.001);
    expect(outside).toEqual([]);
  });
});
