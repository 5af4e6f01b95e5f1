import { readFileSync } from 'node:fs';
import { LabPage } from '../framework/lab-page.ts';
import { processesWithWorkers } from '../framework/processor-time.ts';
import type { StoreLabApi, StoreRequest } from './page/store-lab.ts';

const SAMPLE_EVERY_MS = 20;

/** Private and shared memory of a process in bytes, without mapped files such as programs. */
function ownBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = (field: string): number => Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0);
  return 1024 * (kilobytes('RssAnon') + kilobytes('RssShmem'));
}

/** The page of this folder. */
export class StoragePage {
  readonly #lab: LabPage;

  private constructor(lab: LabPage) {
    this.#lab = lab;
  }

  static async open(): Promise<StoragePage> {
    return new StoragePage(await LabPage.open(new URL('page/', import.meta.url), 'window.lab !== undefined'));
  }

  /** Opens the page again, with the same databases, in a fresh process. */
  renew(): Promise<void> {
    return this.#lab.renew();
  }

  /** Peak memory of the page's process during `work`, in bytes; null if the system does not tell. */
  async peakMemory(work: () => Promise<unknown>): Promise<number | null> {
    const samples: number[] = [];
    const timer = setInterval(() => samples.push(...processesWithWorkers().map(ownBytes)), SAMPLE_EVERY_MS);
    try {
      await work();
    } finally {
      clearInterval(timer);
    }
    return process.platform === 'linux' && samples.length > 0 ? Math.max(...samples) : null;
  }

  /** Sends one request to the worker of a database. */
  async ask<T>(name: string, request: StoreRequest): Promise<T> {
    const call = ([to, sent]: readonly [string, StoreRequest]): Promise<unknown> =>
      (window as unknown as { lab: StoreLabApi }).lab.ask(to, sent);
    return (await this.#lab.page.evaluate(call, [name, request] as const)) as T;
  }

  close(): Promise<void> {
    return this.#lab.close();
  }
}
