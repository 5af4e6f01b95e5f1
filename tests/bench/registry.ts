import type { Benchmark } from './framework/benchmark.ts';
import { classJoins } from './class/joined.ts';
import { presenter } from './class/presenter.ts';
import { codec } from './codec.ts';
import { difficulty } from './difficulty/difficulty.ts';
import { importing } from './import/import.ts';
import { join, joinLong } from './join/join.ts';
import { journey } from './journey.ts';
import { kernel } from './kernel/kernel.ts';
import { meet } from './meet.ts';
import { memory } from './memory.ts';
import { open } from './open.ts';
import { persistence } from './persistence/persistence.ts';
import { storage } from './persistence/storage.ts';
import { queries } from './queries.ts';
import { signaling } from './signaling/signaling.ts';
import { state } from './state.ts';
import { threads } from './threads.ts';
import { verify } from './verify.ts';
import { firstVisit } from './visit/first-visit.ts';
import { hour } from './visit/hour.ts';
import { idle } from './visit/idle.ts';
import { interactions } from './visit/interactions.ts';

/** All benchmarks, in the order in which they run. */
export const BENCHMARKS: readonly Benchmark[] = [
  kernel,
  threads,
  verify,
  codec,
  state,
  importing,
  queries,
  open,
  firstVisit,
  interactions,
  hour,
  idle,
  memory,
  join,
  joinLong,
  storage,
  persistence,
  signaling,
  meet,
  classJoins,
  presenter,
  difficulty,
  journey,
];
