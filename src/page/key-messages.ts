import type { KeyProgress, KeyTask, KeyTaskResult } from '../wallet/key-tasks.ts';

/** What the key worker does. */
export interface KeyService {
  run(task: KeyTask): Promise<KeyTaskResult>;
}

/** How far the task is. */
export interface KeyNote {
  readonly step: Parameters<KeyProgress>[0];
  readonly fraction: number | null;
}
