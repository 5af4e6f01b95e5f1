import { probe } from './checks/probe.ts';
import { lateBusiness } from './late-business.ts';
import { outbid, quarrel } from './quarrels.ts';
import type { SimTab } from './tab.ts';
import type { World } from './world.ts';

/** Mean time between two strangers with an invalid message. */
const PROBE_MS = 15_000;
/** Mean time between two attempts to replace a waiting transfer by one with a higher fee. */
const OUTBID_MS = 20_000;
/** Share of worlds in which two tabs want the same name while a partition separates them. */
const QUARREL_SHARE = 0.3;
/** After this long in a healed world, all time-outs caused by mishaps are over. */
const RECOVERY_MS = 60_000;
/** How often rivals check whether both their pages are ready. */
const PATIENCE_MS = 5_000;

/** The external events of a world, drawn from the seed: people who join, pay and leave, and all mishaps. */
export class Fate {
  readonly #world: World;
  #over = false;
  #partition = 0;
  /** Two tabs that will want the same name and do not register before. */
  #rivals: readonly SimTab[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  begin(): void {
    const { world, plan } = { world: this.#world, plan: this.#world.plan };
    for (const tab of world.tabs) {
      tab.wantsMining = tab.account !== null && world.rng.chance(0.8);
      tab.skewMs = world.rng.chance(0.3) ? world.rng.int(-2_000, 2_000) : 0;
      const late = tab.index > 1 && world.rng.chance(0.3);
      const atMs = world.rng.logarithmic(10, late ? plan.chaosMs / 2 : 3_000);
      world.later(tab.opensAtMs ?? atMs, () => tab.open());
    }
    world.tabs[0]!.wantsMining = true;
    world.later(1_000, () => world.introduce());
    this.#repeat(3_000, () => this.#join());
    this.#repeat(plan.paymentMs, () => this.#pay());
    this.#repeat(plan.mishapMs, () => this.#mishap());
    this.#repeat(OUTBID_MS, () => outbid(world));
    if (world.rng.chance(QUARREL_SHARE)) {
      this.#rivals = world.rng.shuffled(world.honest().filter(({ account, twin, index }) => account && !twin && index > 0)).slice(0, 2);
      world.later(world.rng.logarithmic(10_000, plan.chaosMs / 2), () => this.#quarrel());
    }
    this.#repeat(PROBE_MS, () => probe(world, world.rng.pick(world.honest())));
  }

  /** Ends all mishaps for good. */
  heal(): void {
    const { tabs, trace, wires, rng } = this.#world;
    this.#over = true;
    this.#partition++;
    this.#world.healed = true;
    trace.note('world', 'heals');
    wires.partition(() => true);
    // Half of the time the hostile tabs stay, and the honest tabs must still agree.
    const gone = rng.chance(0.5);
    for (const tab of tabs) {
      if (tab.hostile && gone) {
        tab.kill(true);
        continue;
      }
      tab.skewMs = 0;
      if (!tab.hostile) tab.hashesPerSecond = tab.normalRate;
      for (const disk of tab.disks()) {
        disk.failure = null;
        disk.unavailable = false;
      }
      tab.thaw();
      // A page that has no disk, or lost its disk to another tab, stays so until a reload, which the page asks its person for.
      if (tab.openedWithout || tab.disks().some((disk) => disk.stolen)) tab.kill(true);
      tab.open();
      // Confirmations need miners.
      tab.mine(tab.wantsMining || tab.index < 2);
    }
    this.#watchBlocks(RECOVERY_MS);
    this.#world.later(RECOVERY_MS, () => lateBusiness(this.#world));
  }

  /** Checks regularly, from `afterMs` on, whether blocks arrive in time. */
  #watchBlocks(afterMs: number): void {
    this.#world.later(afterMs, () => {
      this.#world.checks.punctual();
      this.#watchBlocks(1_000);
    });
  }

  #repeat(meanMs: number, action: () => void): void {
    this.#world.later(this.#world.rng.exponential(meanMs), () => {
      if (this.#over) return;
      action();
      this.#repeat(meanMs, action);
    });
  }

  /** Registers a random tab that has not asked yet. */
  #join(): void {
    const { rng } = this.#world;
    const guests = this.#world.tabs.filter(
      (tab) => tab.running && tab.page?.ready && !tab.registrationAsked && !tab.twin && !this.#rivals.includes(tab),
    );
    if (guests.length > 0) rng.pick(guests).register();
  }

  #pay(): void {
    const { rng } = this.#world;
    const payers = this.#world.honest().filter((tab) => tab.running && tab.page?.ready && tab.bound);
    if (payers.length === 0) return;
    const payer = rng.pick(payers);
    const other = rng.pick(this.#world.tabs);
    const to = other.account && rng.chance(0.5) ? other.account.addressText : other.userName;
    const memo = rng.chance(0.3) ? `memo ${rng.u32()}` : '';
    const amount = rng.chance(0.3) ? rng.logarithmic(0.000_001, 1).toFixed(6) : rng.logarithmic(0.1, 200).toFixed(6);
    const fee = rng.chance(0.3) ? rng.logarithmic(0.0006, 2).toFixed(6) : undefined;
    // Several in a row, so that each nonce depends on the one before.
    for (let i = rng.chance(0.2) ? 4 : 1; i > 0; i--) payer.pay(to, amount, memo, rng.chance(0.5), fee);
  }

  #mishap(): void {
    const { rng, plan } = this.#world;
    const victim = rng.pick(this.#world.honest());
    const kinds = [
      'partition',
      'partition',
      'freeze',
      'kill',
      'kill',
      'interrupt',
      'disk',
      'clock',
      'cut',
      'churn',
      'rate',
      'relogin',
      'steal',
      'join',
      'thread',
    ] as const;
    const kind = rng.pick(plan.lyingDisks ? ([...kinds, 'lie', 'lie'] as const) : kinds);
    this.#world.count(`mishap:${kind}`);
    switch (kind) {
      case 'partition':
        return this.#divide();
      case 'freeze':
        victim.freeze();
        return this.#world.later(rng.logarithmic(1_000, 90_000), () => victim.thaw());
      case 'kill':
        return this.#reload(victim, rng.chance(0.5));
      case 'interrupt':
        return this.#interrupt(victim);
      case 'disk':
        return this.#illDisk(victim);
      case 'clock':
        return this.#setClock(victim);
      case 'cut':
        for (const link of [...(victim.page?.transport.links ?? [])]) if (rng.chance(0.7)) link.close('cut');
        return;
      case 'churn':
        return this.#churn(victim, rng.int(5, 40));
      case 'rate':
        return this.#changeRate(victim);
      case 'relogin':
        return victim.relogin();
      case 'steal':
        for (const disk of victim.disks()) disk.steal();
        return this.#world.trace.note(victim.name, 'loses its disk to another tab');
      case 'join':
        return victim.mine(rng.chance(0.6));
      case 'thread':
        return victim.page?.breakThreads();
      case 'lie':
        return this.#lie(victim);
    }
  }

  /** Sets a wall clock wrong; sometimes by many minutes for a short time, as a person or a time server might. */
  #setClock(tab: SimTab): void {
    const { rng, plan, trace } = this.#world;
    const leaps = rng.chance(0.3);
    tab.skewMs = (rng.chance(0.5) ? 1 : -1) * (leaps ? rng.logarithmic(60_000, 3_600_000) : rng.logarithmic(100, 10 * plan.blockTimeMs));
    trace.note(tab.name, `clock goes wrong by ${Math.round(tab.skewMs)} ms`);
    if (!leaps) return;
    this.#world.count(tab.skewMs < 0 ? 'clock:leapt-back' : 'clock:leapt-ahead');
    this.#world.later(rng.logarithmic(1_000, 30_000), () => (tab.skewMs = 0));
  }

  #reload(tab: SimTab, clean: boolean): void {
    tab.kill(clean);
    this.#world.later(this.#world.rng.logarithmic(200, 60_000), () => tab.open());
  }

  /** The tab crashes in the middle of its next write. */
  #interrupt(tab: SimTab): void {
    for (const disk of tab.disks()) {
      disk.onWrite = () =>
        this.#world.later(0, () => {
          if (this.#over || !disk.pending) return;
          this.#world.count('disk:interrupted');
          this.#reload(tab, false);
        });
    }
  }

  /** Partitions the world in two, in both directions or only one. */
  #divide(): void {
    const { rng, tabs } = this.#world;
    const side = tabs.map(() => rng.chance(0.5));
    this.#part(side, rng.chance(0.3), rng.logarithmic(3_000, 20 * this.#world.plan.blockTimeMs));
  }

  /** Partitions two sides for a while. */
  #part(side: readonly boolean[], oneWay: boolean, forMs: number): void {
    const { wires, trace } = this.#world;
    const number = ++this.#partition;
    this.#world.count(oneWay ? 'partition:one-way' : 'partition:both-ways');
    trace.note('world', `is divided${oneWay ? ' one way' : ''}: ${side.map((on) => (on ? 'A' : 'B')).join('')}`);
    wires.partition((from, to) => side[from] === side[to] || (oneWay && side[from] === true));
    this.#world.later(forMs, () => {
      if (number !== this.#partition) return;
      trace.note('world', 'is whole again');
      wires.partition(() => true);
    });
  }

  /** Two newcomers want the same name, on different sides of a partition. */
  #quarrel(): void {
    const { rng, plan } = this.#world;
    const [one, other] = this.#rivals;
    if (this.#over || !one || !other) return;
    if (![one, other].every((tab) => tab.running && tab.page?.ready)) return this.#world.later(PATIENCE_MS, () => this.#quarrel());
    this.#rivals = [];
    this.#part(quarrel(this.#world, one, other), false, plan.blockTimeMs * rng.int(5, 20));
  }

  /** Replaces a random link again and again; sometimes both links exist at once. */
  #churn(tab: SimTab, times: number): void {
    const { world, rng } = { world: this.#world, rng: this.#world.rng };
    if (this.#over || times === 0) return;
    world.later(rng.logarithmic(10, 2_000), () => this.#churn(tab, times - 1));
    const links = tab.running && tab.page?.ready ? [...tab.page.transport.links] : [];
    if (links.length === 0) return;
    const link = rng.pick(links);
    const other = world.tabs[link.remote.place]!;
    if (!other.running || other.page?.transport !== link.remote) return;
    world.count('link:churned');
    world.connect(tab, other);
    if (rng.chance(0.7)) link.close('churn');
  }

  #illDisk(tab: SimTab): void {
    const { rng, trace } = this.#world;
    const kind = rng.pick(['storage-full', 'storage-failed', 'unavailable'] as const);
    trace.note(tab.name, `disk is ill: ${kind}`);
    for (const disk of tab.disks()) {
      if (kind === 'unavailable') disk.unavailable = true;
      else disk.failure = kind;
      this.#world.later(rng.logarithmic(500, 60_000), () => {
        disk.failure = null;
        disk.unavailable = false;
      });
    }
  }

  #changeRate(tab: SimTab): void {
    const { rng } = this.#world;
    tab.hashesPerSecond = tab.normalRate * rng.pick([0.05, 0.2, 5, 20]);
    this.#world.later(rng.logarithmic(5_000, 120_000), () => (tab.hashesPerSecond = tab.normalRate));
  }

  /** The disk loses its last write, rots or is wiped, and the tab is usually loaded again. */
  #lie(tab: SimTab): void {
    const { rng, trace } = this.#world;
    tab.diskLied = true;
    for (const disk of tab.disks()) {
      const kind = rng.pick(['loses its last write', 'rots', 'is wiped'] as const);
      trace.note(tab.name, `disk ${kind}`);
      this.#world.count(`disk:${kind}`);
      if (kind === 'rots') disk.rot(rng);
      else if (kind === 'is wiped') disk.wipe();
      else disk.loseLastWrite();
    }
    if (rng.chance(0.7)) this.#reload(tab, rng.chance(0.5));
  }
}
