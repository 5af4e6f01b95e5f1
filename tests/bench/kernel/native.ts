import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toHex } from '../../../src/util/bytes.ts';
import type { SearchJob } from '../../../src/miner/kernel/kernel.ts';

const SOURCE = fileURLToPath(new URL('seal4.c', import.meta.url));
/** Scheduling before register allocation gains a fifth here. Only GCC knows these flags. */
const BEST = ['-O3', '-fschedule-insns', '-fsched-pressure'];
/** Both are 4-way: AVX only gives the same instructions a third operand, which the browser's compiler uses too. */
const TARGETS = [
  { name: 'native SSE2', flags: ['-msse2'], feature: 'sse2' },
  { name: 'native AVX', flags: ['-mavx'], feature: 'avx' },
] as const;

/** A build of seal4.c by this machine's compiler. */
export interface NativeSearch {
  readonly name: string;
  /** @returns seconds of processor time, and the found indices */
  search(job: SearchJob, first: number, count: number, top: number): { seconds: number; found: number[] };
}

/** All builds that this machine can make and run; none without a C compiler or on another architecture. `dispose` deletes them. */
export function compileNative(): { searches: NativeSearch[]; dispose: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'tabchain-native-'));
  const features = processorFeatures();
  const searches = TARGETS.filter(({ feature }) => features.has(feature)).flatMap(({ name, flags, feature }) => {
    const program = join(folder, feature);
    const made = [BEST, ['-O3']].some(
      (level) => spawnSync('cc', [...level, ...flags, '-o', program, SOURCE], { stdio: 'ignore' }).status === 0,
    );
    return made ? [nativeSearch(name, program)] : [];
  });
  return { searches, dispose: () => rmSync(folder, { recursive: true, force: true }) };
}

function processorFeatures(): Set<string> {
  if (process.arch !== 'x64') return new Set();
  try {
    return new Set(/^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1]?.trim().split(' '));
  } catch {
    // Every x86-64 processor has SSE2.
    return new Set(['sse2']);
  }
}

function nativeSearch(name: string, program: string): NativeSearch {
  return {
    name,
    search(job, first, count, top) {
      const args = [toHex(job.headerHash) + toHex(job.nonceBase), String(first), String(count), String(top)];
      const [seconds, ...found] = execFileSync(program, args, { encoding: 'utf8' }).trim().split(' ').map(Number);
      return { seconds: seconds!, found };
    },
  };
}
