import { encodeControlFrame } from '../../../src/webrtc/control-frames.ts';
import { MAX_LINKS, MAX_NEIGHBOURS, OUTGOING_LINKS } from '../../../src/webrtc/link-limits.ts';
import type { Prng } from '../engine/prng.ts';
import { HOSTILE_RETRY_MS, fixated } from './hostile.ts';
import type { Page } from './page.ts';
import type { Person } from './person.ts';
import type { Room, RoomPlan } from './room.ts';
import { MAX_PAGE_CONNECTIONS } from './rtc.ts';

export interface Scenario {
  /** @param draw of the seed */
  plan(draw: Prng): RoomPlan;
  run(room: Room, draw: Prng): Promise<void>;
}

const TABS = 120;
/** A room must be one component this long after a mishap. */
const HEALED_MS = 30_000;

/** A room as people open it: homes, schools, phones. */
function usualPlan(draw: Prng): RoomPlan {
  return {
    servers: draw.pick([1, 1, 2, 3]),
    latencyMs: draw.pick([
      [1, 10],
      [5, 80],
      [20, 300],
    ] as const),
    loss: draw.pick([0, 0, 0.01, 0.05]),
    blockedPairs: draw.pick([0, 0.05, 0.2]),
    hangs: draw.pick([0, 0.02]),
    noUdp: draw.pick([0, 0.05, 0.2]),
    noRtc: draw.pick([0, 0, 0.03]),
    hidden: draw.pick([0, 0.5]),
    twins: draw.pick([0, 0.1]),
    addresses: draw.pick([1, 5, 500]),
  };
}

const open = (room: Room, people: readonly Person[], withinMs: number, draw: Prng): void => {
  for (const person of people) room.later(draw.float() * withinMs, () => room.enter(person));
};

const crowd = (room: Room, count: number): Person[] => Array.from({ length: count }, () => room.addPerson());

/** Runs until the pages are one component, and fails if they are not in time. */
async function expectOneComponent(room: Room, figure: string, pages: () => Page[], limitMs = HEALED_MS): Promise<void> {
  const ms = await room.until(() => room.components(pages()).length <= 1, limitMs);
  if (ms === null) room.violate('split', `components of ${room.components(pages()).join(', ')} tabs ${limitMs / 1000} s after: ${figure}`);
  else room.figure(figure, ms);
}

/** What holds for every room at its end. */
export function finalChecks(room: Room): void {
  const most = Math.max(...room.people.flatMap(({ hostile, page }) => (hostile || !page ? [] : [page.mostPeers])));
  room.figure('most links a tab', most);
  if (most > MAX_LINKS) room.violate('links', `a tab had links to ${most} peers, more than ${MAX_LINKS}`);
  room.figure('most connections a page', room.rtc.most);
  if (room.rtc.most > MAX_PAGE_CONNECTIONS / 2) room.violate('connections', `a page had ${room.rtc.most} connections`);
}

/** Milliseconds until all pages have this many neighbours. */
async function expectNeighbours(room: Room, figure: string, pages: () => Page[], count: number, limitMs: number): Promise<void> {
  const lonely = (): Page[] => pages().filter(({ node }) => node.neighbours().size < count);
  const ms = await room.until(() => lonely().length === 0, limitMs);
  if (ms !== null) return room.figure(figure, ms);
  const names = lonely().map(({ person }) => person.name);
  room.violate('lonely', `${names.join(', ')} had fewer than ${count} neighbours ${limitMs / 1000} s after: ${figure}`);
}

/** Neighbours hear of a silent crash only after the silence time-out; the server lists the tab for up to 50 s, so tabs dial it in vain. */
const NEARLY_HEALED_MS = 45_000;

/** Milliseconds until every tab whose network lets WebRTC through has as many links as it seeks, to tabs that exist. */
async function expectHealed(room: Room, figure: string): Promise<void> {
  const poor = (): Page[] =>
    room.honest().filter((page) => {
      const sought = page.manager.links().filter(({ peer, outgoing }) => outgoing && room.pageOf(peer)?.owner.alive === true);
      return hasNetwork(page) && sought.length < OUTGOING_LINKS;
    });
  const few = await room.until(() => poor().length <= room.honest().length / 10, NEARLY_HEALED_MS);
  if (few === null) return room.violate('poor', `${poor().length} tabs had too few links ${NEARLY_HEALED_MS} ms after: ${figure}`);
  room.figure(`${figure}, nine in ten tabs`, few);
  const ms = await room.until(() => poor().length === 0, 60_000);
  if (ms === null)
    room.violate(
      'poor',
      `${poor()
        .map(({ person }) => person.name)
        .join(', ')} had too few links 60 s after: ${figure}`,
    );
  else room.figure(`${figure}, all tabs`, few + ms);
}

async function vanishing(room: Room, draw: Prng): Promise<Person[]> {
  const people = crowd(room, TABS);
  open(room, people, 40_000, draw);
  await room.run(60_000);
  await expectOneComponent(room, 'gathered', () => room.honest());
  const leaving = draw.shuffled(people).slice(0, 0.3 * TABS);
  const how = draw.pick(['silent', 'silent', 'killed', 'closed'] as const);
  for (const person of leaving) room.leave(person, how);
  return leaving;
}

/** Without servers, a person opens a second tab beside a tab of the room: it must meet the others through that tab. */
async function joinThroughBrowser(room: Room, draw: Prng): Promise<void> {
  const host = draw.pick(room.honest().filter(hasNetwork)).person;
  const { address, browser, hasRtc, hasUdp } = host;
  const newcomer = room.enter(room.addPerson({ address, browser, hasRtc, hasUdp }));
  await expectNeighbours(room, 'four neighbours of a newcomer beside a tab, without servers', () => [newcomer], 4, 5_000);
}

const hasNetwork = ({ person }: Page): boolean => person.hasRtc && person.hasUdp;

export const SCENARIOS = {
  /** 120 tabs, of which three in ten vanish at once. */
  vanish: {
    plan: usualPlan,
    async run(room, draw) {
      await vanishing(room, draw);
      await expectOneComponent(room, 'one component after three in ten vanished', () => room.honest());
      await expectHealed(room, 'all sought links again after three in ten vanished');
      await room.run(20_000);
      await expectOneComponent(room, 'still one component', () => room.honest(), 0);
    },
  },

  /** The same, and every server dies at that moment. */
  serverless: {
    plan: usualPlan,
    async run(room, draw) {
      const leaving = await vanishing(room, draw);
      const how = draw.pick(['silent', 'crash'] as const);
      for (const server of room.servers) server.stop(how);
      await expectOneComponent(room, 'one component without servers', () => room.honest().filter(hasNetwork));
      await room.run(60_000);
      await expectOneComponent(room, 'still one component without servers', () => room.honest().filter(hasNetwork), 0);
      await joinThroughBrowser(room, draw);
      for (const server of room.servers) server.start();
      open(room, leaving, 5_000, draw);
      await room.run(5_000);
      await expectOneComponent(room, 'one component after the servers returned', () => room.honest());
    },
  },

  /** Three in ten link makers try to surround one tab. */
  surrounded: {
    plan: (draw) => ({ ...usualPlan(draw), addresses: draw.pick([1, 10, 500]), noUdp: 0, noRtc: 0, twins: 0 }),
    run: surround,
  },

  /** Many pairs that WebRTC cannot connect, many tabs without UDP, some without WebRTC. */
  blocked: {
    plan: (draw) => ({ ...usualPlan(draw), blockedPairs: 0.3, noUdp: draw.pick([0.3, 0.9]), noRtc: 0.05, hangs: 0.05 }),
    async run(room, draw) {
      const people = crowd(room, 60);
      open(room, people, 30_000, draw);
      await room.run(30_000);
      await expectNeighbours(room, 'a link each', () => room.honest(), 1, 5_000);
      await expectOneComponent(room, 'one component', () => room.honest(), 5_000);
      await room.run(30_000);
      await expectOneComponent(room, 'still one component', () => room.honest(), 0);
    },
  },

  /** Half of the tabs lose their way to every server for a minute, and tabs come in both halves. */
  partition: {
    plan: usualPlan,
    async run(room, draw) {
      const people = crowd(room, TABS);
      open(room, people.slice(0, 100), 30_000, draw);
      await room.run(50_000);
      const cut = new Set(people.filter(() => draw.chance(0.5)).map(({ index }) => index));
      for (const server of room.servers) server.partition((client) => !cut.has((client as Page).index));
      open(room, people.slice(100), 40_000, draw);
      await room.run(60_000);
      for (const server of room.servers) server.partition(() => true);
      await expectOneComponent(room, 'one component after the partition', () => room.honest());
      await room.run(20_000);
      await expectOneComponent(room, 'still one component', () => room.honest(), 0);
    },
  },

  /** A class opens the link: 40 tabs within two seconds, then the next class. */
  class: {
    plan: usualPlan,
    async run(room, draw) {
      for (const name of ['first', 'second']) {
        open(room, crowd(room, 40), 2_000, draw);
        await room.run(2_000);
        await expectNeighbours(room, `a link each in the ${name} class`, () => room.honest(), 1, 5_000);
        await expectOneComponent(room, `one component with the ${name} class`, () => room.honest(), 10_000);
        await room.run(20_000);
      }
    },
  },
} satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof SCENARIOS;

/** How the attackers of a room appear. */
interface Attack {
  /** Ids of each hostile machine. */
  readonly ids: number;
  /** Number of addresses behind which all of them sit. */
  readonly addresses: number;
  /** Whether they pass on blocks, faster than others, so that they seem useful. */
  readonly flatter: boolean;
  /** Whether they are there before the victim comes. */
  readonly wait: boolean;
  /** Whether they tell their neighbours of links to each other, and to tabs that do not exist. */
  readonly lie: boolean;
}

const HOSTILE = 0.3 * TABS;

async function surround(room: Room, draw: Prng): Promise<void> {
  const attack: Attack = draw.pick(
    [
      { ids: 2, addresses: 3 },
      { ids: 1, addresses: HOSTILE },
    ].map((kind) => ({ ...kind, flatter: draw.chance(0.5), wait: draw.chance(0.5), lie: draw.chance(0.5) })),
  );
  const honest = crowd(room, TABS - HOSTILE);
  const [victim, ...others] = honest as [Person, ...Person[]];
  const evil = Array.from({ length: HOSTILE * attack.ids }, (_, i) => hostilePerson(room, attack, i));
  open(room, others, 30_000, draw);
  await room.run(40_000);
  const attackNow = (): void => {
    for (const person of evil) room.later(draw.float() * 1_000, () => enterHostile(room, person, victim, attack));
  };
  if (attack.wait) attackNow();
  await room.run(5_000);
  const page = room.enter(victim);
  await room.run(attack.wait ? 0 : 5_000);
  if (!attack.wait) attackNow();
  const homes = new Set(honest.map(({ address }) => address)).size;
  const about = `${evil.length} ids behind ${attack.addresses} addresses, honest tabs behind ${homes === 1 ? 'one' : homes > 10 ? 'many' : 'few'}`;
  await watchVictim(room, page, about);
  if (room.violations.length > 0) return;
  room.leave(victim, 'closed');
  await room.run(1_000);
  await meetHonest(room, room.enter(victim), `after a reload: ${about}`);
}

/** An attacker has a good network, near to everybody. */
function hostilePerson(room: Room, { addresses }: Attack, index: number): Person {
  const near = { latencyMs: 1, jitterMs: 0, loss: 0 };
  return room.addPerson({ hostile: true, address: `172.16.${index % addresses}.1`, hidden: false, setUpMs: 50, toServer: near });
}

function enterHostile(room: Room, person: Person, victim: Person, { flatter, lie }: Attack): void {
  const page = room.enter(person, (inner) => fixated(inner, (peer) => room.pageOf(peer)?.person === victim));
  page.node.passesOn = flatter;
  const again = (): void => {
    if (page.node.neighbours().size === 0) page.manager.retryNow();
    if (lie) tellLies(room, page);
    room.later(HOSTILE_RETRY_MS, again);
  };
  again();
}

function tellLies(room: Room, page: Page): void {
  const evil = room.people.flatMap(({ hostile, page: other }) => (hostile && other && other !== page ? [other.peerId] : []));
  const rng = room.stream(`lies ${page.peerId} ${room.ageMs}`);
  const peers = [...rng.shuffled(evil).slice(0, MAX_NEIGHBOURS / 2), ...Array.from({ length: MAX_NEIGHBOURS / 2 }, () => rng.hex(8))];
  const frame = encodeControlFrame({ type: 'neighbours', links: peers.map((peer) => ({ peer, kind: 'direct' })) })!;
  for (const link of page.node.links()) link.send(new Uint8Array(frame));
}

/** Time for a newcomer to find an honest tab among attackers who wait for it: four changes of its rotating link. */
const FIRST_HONEST_MS = 60_000;

const honestNeighbours = (room: Room, page: Page): number =>
  [...page.node.neighbours()].filter((peer) => room.pageOf(peer)?.person.hostile === false).length;

async function meetHonest(room: Room, page: Page, about: string): Promise<void> {
  const ms = await room.until(() => honestNeighbours(room, page) > 0, FIRST_HONEST_MS);
  if (ms === null) return room.violate('surrounded', `the victim found no honest tab in ${FIRST_HONEST_MS / 1000} s`);
  room.figure(`first honest link: ${about}`, ms);
}

/** The victim finds an honest tab, and always has one from then on. */
async function watchVictim(room: Room, page: Page, about: string): Promise<void> {
  await meetHonest(room, page, about);
  let least = Infinity;
  for (let second = 0; second < 120; second++) {
    await room.run(1_000);
    if (second >= 10) least = Math.min(least, honestNeighbours(room, page));
    if (honestNeighbours(room, page) === 0) return room.violate('surrounded', `no honest link ${second} s after the first`);
  }
  room.figure('fewest honest links of the victim', least);
  room.figure(`fewest honest links of the victim: ${about}`, least);
  room.figure('hostile links of the victim at the end', page.node.neighbours().size - honestNeighbours(room, page));
}
