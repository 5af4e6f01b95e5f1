import { existsSync } from 'node:fs';
import type { MiningSettings } from '../../../src/miner/pool.ts';
import { CHROMIUM_PATH } from '../../browser/harness/chromium.ts';
import { LabPage } from '../framework/lab-page.ts';
import type { LabApi, LabRequest } from './lab.ts';

interface LabWindow {
  bench: LabApi;
}

/** The page of this folder. */
export class BenchPage {
  readonly #lab: LabPage;

  private constructor(lab: LabPage) {
    this.#lab = lab;
  }

  /** Builds and opens the page; null without Chromium. */
  static async open(): Promise<BenchPage | null> {
    if (!existsSync(CHROMIUM_PATH)) return null;
    return new BenchPage(await LabPage.open(new URL('.', import.meta.url), 'window.bench !== undefined'));
  }

  /** Sends one request to the page's worker. */
  async ask<T>(request: LabRequest): Promise<T> {
    return (await this.#lab.page.evaluate((sent) => (window as unknown as LabWindow).bench.ask(sent), request)) as T;
  }

  /** See {@link LabApi.poolRate}. */
  poolRate(settings: MiningSettings, milliseconds: number): Promise<number> {
    const call = ([a, b]: readonly [MiningSettings, number]): Promise<number> => (window as unknown as LabWindow).bench.poolRate(a, b);
    return this.#lab.page.evaluate(call, [settings, milliseconds] as const);
  }

  /** See {@link LabApi.switchTimes}. */
  switchTimes(count: number): Promise<number[]> {
    return this.#lab.page.evaluate((times) => (window as unknown as LabWindow).bench.switchTimes(times), count);
  }

  close(): Promise<void> {
    return this.#lab.close();
  }
}
