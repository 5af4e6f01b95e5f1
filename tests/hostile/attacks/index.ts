import type { Attack } from '../attack.ts';
import { HeaderBranches } from './chains.ts';
import { Boaster, Deaf, Withholder } from './claims.ts';
import { Chatter, Garbage, JunkTransfers } from './floods.ts';
import { Dust, GapFiller, StampFiller } from './pools.ts';
import { ExpensiveRequests, NewcomerStorm } from './requests.ts';
import { CompactWithholder, SlowReader, Starver } from './slowness.ts';
import { Impostor, SignalStorm, SlotFiller } from './slots.ts';

/** Factories of the attacks on a tab with few, but full blocks. Attacks have state, so each run needs a new one. */
export const ATTACKS: readonly (() => Attack)[] = [
  () => ExpensiveRequests.trickle(),
  () => ExpensiveRequests.storm(),
  () => new Chatter(),
  () => new JunkTransfers(),
  () => new Garbage(),
  () => new Boaster(),
  () => new Deaf(),
  () => new Withholder(),
  () => new HeaderBranches(),
  () => new GapFiller(),
  () => new StampFiller(),
  () => new Dust(),
  () => new SlowReader(),
  () => new CompactWithholder(),
  () => new Starver(),
  () => new SlotFiller(),
  () => new SignalStorm(),
  () => new Impostor(),
];

/** Factories of the attacks on a tab whose chain is long enough to join. */
export const LONG_ATTACKS: readonly (() => Attack)[] = [() => new NewcomerStorm()];
