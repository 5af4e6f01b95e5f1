import { forceCollide, forceLink, forceManyBody, forceSimulation, type Simulation, type SimulationNodeDatum } from 'd3-force';
import type { MapTab, NetworkMap } from './map-model.ts';

interface Place extends SimulationNodeDatum {
  readonly id: string;
  x: number;
  y: number;
  hops: MapTab['hops'];
  /** Wanted distance from the middle, as a part of {@link MapLayout.#radiiOf}. */
  ring: number;
}

interface Pull {
  source: Place | string;
  target: Place | string;
  own: boolean;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Ticks of a map that is laid out from nothing, before it is drawn: a person sees no tangle come undone. */
const FIRST_TICKS = 60;
/** The heat of a change: enough for a newcomer to find a place, too little for the others to leave theirs. */
const CHANGE_ALPHA = 0.12;
const ALPHA_DECAY = 0.04;
/** A link's delay may wander by this factor before its tab moves. */
const CALM_FACTOR = 2;
/** Delay at which a link has its full length. */
const FAR_MS = 1_000;
const UNKNOWN_MS = 30;
/** A stranger with more links belongs nowhere in particular. */
const FEW_LINKS = 3;
/** Angle of the first tab of a ring: to the upper right, where its name hides no line. */
const FIRST_ANGLE = -Math.PI / 5;

/**
 * Places the tabs of a map in an ellipse: this tab in the middle, linked tabs in circles around it, farther out with more delay, and the
 * others outside.
 * The places are deterministic, and a change moves the tabs that stay only a little.
 */
export class MapLayout {
  readonly #simulation: Simulation<Place, Pull>;
  readonly #links = forceLink<Place, Pull>([])
    .id(({ id }) => id)
    .strength((pull) => (pull.own ? 0 : 0.02))
    .distance(60);
  readonly #charge = forceManyBody<Place>();
  readonly #collide = forceCollide<Place>();
  #places = new Map<string, Place>();
  /** The delay by which a tab was placed. */
  readonly #delays = new Map<string, number>();
  #shape = '';
  #radii: Point = { x: 1, y: 1 };

  constructor() {
    this.#simulation = forceSimulation<Place, Pull>()
      .stop()
      .alphaDecay(ALPHA_DECAY)
      .velocityDecay(0.55)
      .force('links', this.#links)
      .force('charge', this.#charge)
      .force('collide', this.#collide)
      .force('ring', (alpha: number) => this.#toRings(alpha));
  }

  /** Place of a tab, from the middle. */
  at(id: string): Point {
    return this.#places.get(id) ?? { x: 0, y: 0 };
  }

  /** Half the width and height that the places may take, in pixels, and the least distance between two tabs. */
  resize(radii: Point, gap: number): void {
    const [dx, dy] = [radii.x / this.#radii.x, radii.y / this.#radii.y];
    if (dx !== 1 || dy !== 1) {
      for (const place of this.#places.values()) {
        place.x *= dx;
        place.y *= dy;
      }
      this.#radii = radii;
      this.#simulation.alpha(Math.max(this.#simulation.alpha(), CHANGE_ALPHA));
    }
    this.#collide.radius(gap / 2);
    this.#charge.strength(-2 * gap).distanceMax(8 * gap);
  }

  /** Takes a newer map. Where only facts have changed, nothing moves. */
  show(map: NetworkMap): void {
    const isFirst = this.#places.size === 0;
    const outer = map.tabs.some(({ hops }) => hops === 2);
    const wanted = map.tabs.map((tab) => ({ tab, ring: tab.hops === 1 ? this.#ringOf(tab, outer) : tab.hops === 0 ? 0 : 0.9 }));
    const shape = [...wanted.map(({ tab, ring }) => `${tab.id}${tab.hops}${ring}`), ...map.lines.map(({ key }) => key)].join();
    if (shape === this.#shape) return;
    this.#shape = shape;
    const before = this.#places;
    this.#places = new Map();
    const neighbours = neighboursOf(map);
    for (const { tab, ring } of wanted) {
      const place = before.get(tab.id) ?? this.#newPlace(tab, neighbours.get(tab.id) ?? [], ring);
      this.#places.set(tab.id, Object.assign(place, { hops: tab.hops, ring }, tab.hops === 0 ? { x: 0, y: 0, fx: 0, fy: 0 } : {}));
    }
    for (const id of this.#delays.keys()) if (!this.#places.has(id)) this.#delays.delete(id);
    this.#simulation.nodes([...this.#places.values()]);
    this.#links.links(map.lines.map(({ from, to, own }) => ({ source: from, target: to, own })));
    this.#simulation.alpha(isFirst ? 1 : Math.max(this.#simulation.alpha(), CHANGE_ALPHA));
    if (isFirst) this.settle(FIRST_TICKS);
  }

  /** Moves the tabs by one step. @returns whether more steps follow */
  step(): boolean {
    if (this.#simulation.alpha() < this.#simulation.alphaMin()) return false;
    this.#simulation.tick();
    for (const place of this.#places.values()) this.#keepInside(place);
    return true;
  }

  /** Takes all steps at once, for people who want no motion; at most `most`. */
  settle(most = 400): void {
    for (let i = 0; i < most && this.step(); i++);
  }

  #ringOf(tab: MapTab, outer: boolean): number {
    const latency = Math.max(1, tab.peer?.latencyMs ?? this.#delays.get(tab.id) ?? UNKNOWN_MS);
    const placed = this.#delays.get(tab.id);
    const moved = placed === undefined || latency > placed * CALM_FACTOR || latency < placed / CALM_FACTOR;
    if (moved) this.#delays.set(tab.id, latency);
    const part = Math.min(1, Math.log(moved ? latency : placed) / Math.log(FAR_MS));
    const [near, far] = outer ? [0.3, 0.62] : [0.4, 0.95];
    return near + part * (far - near);
  }

  /** A newcomer appears beside the few tabs that it is linked with, or else in the widest gap of its ring. */
  #newPlace(tab: MapTab, others: readonly string[], ring: number): Place {
    const known = tab.hops === 2 && others.length <= FEW_LINKS ? others.flatMap((id) => this.#places.get(id) ?? []) : [];
    const [dx, dy] = known.reduce(([x, y], place) => [x + place.x / this.#radii.x, y + place.y / this.#radii.y], [0, 0]);
    const ringAngles = [...this.#places.values()].flatMap((place) => (place.hops === tab.hops ? this.#angleOf(place) : []));
    const angle = known.length > 0 ? Math.atan2(dy, dx) : middleOfWidestGap(ringAngles);
    const radii = this.#radiiOf(tab);
    return { id: tab.id, x: Math.cos(angle) * ring * radii.x, y: Math.sin(angle) * ring * radii.y, hops: tab.hops, ring };
  }

  #angleOf({ x, y }: Point): number {
    return Math.atan2(y / this.#radii.y, x / this.#radii.x);
  }

  /** The lines to linked tabs show delays, so the same delay has the same length in every direction. Strangers fill the whole ellipse. */
  #radiiOf({ hops }: Pick<MapTab, 'hops'>): Point {
    const least = Math.min(this.#radii.x, this.#radii.y);
    return hops === 1 ? { x: least, y: least } : this.#radii;
  }

  #toRings(alpha: number): void {
    for (const place of this.#places.values()) {
      if (place.hops === 0) continue;
      const radii = this.#radiiOf(place);
      const [u, v] = [place.x / radii.x, place.y / radii.y];
      const length = Math.hypot(u, v) || 1e-6;
      const pull = (0.7 * alpha * (place.ring - length)) / length;
      place.vx = (place.vx ?? 0) + pull * place.x;
      place.vy = (place.vy ?? 0) + pull * place.y;
    }
  }

  #keepInside(place: Place): void {
    const length = Math.hypot(place.x / this.#radii.x, place.y / this.#radii.y);
    if (length <= 1) return;
    place.x /= length;
    place.y /= length;
  }
}

/** The tabs that each tab is linked with, as far as known, without this tab. */
function neighboursOf({ lines }: NetworkMap): Map<string, string[]> {
  const neighbours = new Map<string, string[]>();
  const add = (id: string, other: string): void => void neighbours.set(id, [...(neighbours.get(id) ?? []), other]);
  for (const { from, to, own } of lines) {
    if (own) continue;
    add(from, to);
    add(to, from);
  }
  return neighbours;
}

/** The angle farthest from all of `angles`, in radians. */
function middleOfWidestGap(angles: readonly number[]): number {
  const sorted = [...angles].sort((a, b) => a - b);
  if (sorted.length === 0) return FIRST_ANGLE;
  const gaps = sorted.map((angle, i) => ({ angle, width: (sorted[i + 1] ?? sorted[0]! + 2 * Math.PI) - angle }));
  const widest = gaps.reduce((best, gap) => (gap.width > best.width + 1e-9 ? gap : best));
  return widest.angle + widest.width / 2;
}
