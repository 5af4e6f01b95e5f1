import type { KeyProgress, KeyTask, KeyTaskResult } from '../wallet/key-tasks.ts';

/** The calls of the key worker. */
export interface KeyService {
  run(task: KeyTask): Promise<KeyTaskResult>;
}

/** Progress of the task. */
export interface KeyNote {
  readonly step: Parameters<KeyProgress>[0];
  readonly fraction: number | null;
}
