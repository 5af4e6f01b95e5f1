import { Prng } from '../engine/prng.ts';
import { Room, type Violation } from './room.ts';
import { SCENARIOS, finalChecks, type Scenario, type ScenarioName } from './scenarios.ts';

export const SCENARIO_NAMES = Object.keys(SCENARIOS) as ScenarioName[];

export interface RoomOptions {
  /** Default: the scenarios in turn. */
  readonly scenario?: ScenarioName | undefined;
  /** Writes every line of the trace to stderr. */
  readonly print?: boolean | undefined;
}

export interface RoomResult {
  readonly seed: number;
  readonly scenario: ScenarioName;
  readonly violations: readonly Violation[];
  readonly figures: ReadonlyMap<string, number>;
  /** Hash of all events. */
  readonly trace: string;
  readonly tail: readonly string[];
  readonly tabs: number;
  readonly virtualMs: number;
  readonly events: number;
  readonly cpuMs: number;
}

/** Runs one room from beginning to end. The same seed and scenario give the same result, whatever ran before. */
export async function runRoom(seed: number, { scenario: wanted, print = false }: RoomOptions = {}): Promise<RoomResult> {
  const name = wanted ?? SCENARIO_NAMES[seed % SCENARIO_NAMES.length]!;
  const scenario: Scenario = SCENARIOS[name];
  const draw = new Prng(`${name} ${seed}`);
  const cpuBefore = process.cpuUsage();
  const room = new Room(`room ${name} ${seed}`, scenario.plan(draw), print);
  await scenario.run(room, draw);
  finalChecks(room);
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    seed,
    scenario: name,
    violations: room.violations,
    figures: room.figures,
    trace: room.trace.digest(),
    tail: room.trace.tail(),
    tabs: room.people.length,
    virtualMs: room.ageMs,
    events: room.time.events,
    cpuMs: (user + system) / 1000,
  };
}
