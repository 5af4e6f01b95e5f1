import type { MinerCommand, MinerPort, MinerReport } from '../../../src/miner/pool.ts';
import { toHex } from '../../../src/util/bytes.ts';

/** A thread that only records its commands. */
export class SilentPort implements MinerPort {
  readonly commands: MinerCommand[] = [];
  terminated = false;
  report: (report: MinerReport) => void = () => undefined;
  post(command: MinerCommand): void {
    this.commands.push(command);
  }
  onMessage(listener: (report: MinerReport) => void): void {
    this.report = listener;
  }
  terminate(): void {
    this.terminated = true;
  }
  get last(): MinerCommand | undefined {
    return this.commands.at(-1);
  }
  get nonceBase(): string {
    const { last } = this;
    return last?.type === 'work' ? toHex(last.job.nonceBase) : '';
  }
}
