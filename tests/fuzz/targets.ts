import type { FuzzTarget } from './support/target.ts';
import { CONSOLE_TARGETS } from './targets/console.ts';
import { KEY_TARGETS } from './targets/keys.ts';
import { MEETING_TARGETS } from './targets/meeting.ts';
import { PROTOCOL_TARGETS } from './targets/protocol.ts';
import { SIGNALING_TARGETS } from './targets/signaling.ts';
import { STATE_TARGETS } from './targets/state.ts';
import { STORAGE_TARGETS } from './targets/storage.ts';
import { WORK_PROOF_TARGETS } from './targets/work-proof.ts';

/** Every fuzz target. */
export const TARGETS: readonly FuzzTarget[] = [
  ...PROTOCOL_TARGETS,
  ...STATE_TARGETS,
  ...WORK_PROOF_TARGETS,
  ...KEY_TARGETS,
  ...SIGNALING_TARGETS,
  ...MEETING_TARGETS,
  ...STORAGE_TARGETS,
  ...CONSOLE_TARGETS,
];

export function targetNamed(name: string): FuzzTarget {
  const target = TARGETS.find((each) => each.name === name);
  if (!target) throw new TypeError(`There is no target called ${name}.`);
  return target;
}
