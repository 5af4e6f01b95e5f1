import type { Prng } from './engine/prng.ts';
import type { SimTab } from './tab.ts';
import type { World } from './world.ts';

/** Share of the steps of a join during which something happens. */
const TROUBLE_SHARE = 0.5;
const CHOICES = ['whole', 'whole', 'recent', 'replay'] as const;

/** Something happens to a tab in the middle of a join, or while the whole chain catches up behind its recent chain. */
export function joinTrouble(world: World, tab: SimTab, rng: Prng): void {
  if (!rng.chance(TROUBLE_SHARE)) return;
  const kind = rng.pick([
    'close',
    'crash',
    'interrupt',
    'freeze',
    'cut',
    'register',
    'relogin',
    'choose',
    'choose',
    'pay',
    'mine',
  ] as const);
  const { page } = tab;
  world.later(rng.logarithmic(1, 6_000), () => {
    if (world.healed || tab.page !== page || !page) return;
    world.count(`join:${kind}`);
    switch (kind) {
      case 'close':
      case 'crash':
        return reload(world, tab, rng, kind === 'close');
      case 'interrupt':
        return interrupt(world, tab, rng);
      case 'freeze':
        tab.freeze();
        return world.later(rng.logarithmic(500, 30_000), () => tab.thaw());
      case 'cut':
        for (const link of [...page.transport.links]) if (rng.chance(0.7)) link.close('cut');
        return;
      case 'register':
        if (!tab.bound && !tab.registrationAsked) tab.register();
        return;
      case 'relogin':
        return tab.relogin();
      case 'choose':
        return tab.choose(rng.pick(CHOICES));
      case 'pay':
        for (let i = 0; i < 3; i++) tab.pay('user0', '0.000010', '', false);
        return;
      case 'mine':
        return tab.mine(true);
    }
  });
}

function reload(world: World, tab: SimTab, rng: Prng, clean: boolean): void {
  tab.kill(clean);
  world.later(rng.logarithmic(100, 20_000), () => tab.open());
}

/** The tab crashes in the middle of a write, of the whole chain's database or of the recent chain's. */
function interrupt(world: World, tab: SimTab, rng: Prng): void {
  const disks = tab.disks();
  if (disks.length === 0) return;
  const disk = rng.pick(disks);
  disk.onWrite = () =>
    world.later(0, () => {
      if (!world.healed && disk.pending) reload(world, tab, rng, false);
    });
}
