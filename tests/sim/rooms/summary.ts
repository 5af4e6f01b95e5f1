import type { RoomResult } from './run.ts';
import type { ScenarioName } from './scenarios.ts';

/** The figures of many rooms of one scenario. */
export class Summary {
  readonly #values = new Map<ScenarioName, Map<string, number[]>>();

  add({ scenario, figures, cpuMs }: RoomResult): void {
    let values = this.#values.get(scenario);
    if (!values) this.#values.set(scenario, (values = new Map()));
    for (const [name, value] of [...figures, ['CPU, ms', Math.round(cpuMs)] as const]) {
      const list = values.get(name);
      if (list) list.push(value);
      else values.set(name, [value]);
    }
  }

  /** For each scenario and figure: number of values, least, median, 95th percentile, most. */
  rows(): { scenario: string; figure: string; rooms: number; least: number; median: number; p95: number; most: number }[] {
    return [...this.#values].flatMap(([scenario, figures]) =>
      [...figures].map(([figure, list]) => {
        const sorted = list.sort((a, b) => a - b);
        const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
        return { scenario, figure, rooms: sorted.length, least: sorted[0]!, median: at(0.5), p95: at(0.95), most: sorted.at(-1)! };
      }),
    );
  }
}
