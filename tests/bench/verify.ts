import { sign } from 'node:crypto';
import { toHex, utf8 } from '../../src/util/bytes.ts';
import type { Bench, Benchmark } from './framework/benchmark.ts';
import { alternate, median, medianRatio } from './framework/measure.ts';
import { workerProcessorMs } from './framework/processor-time.ts';
import { keyPool } from './key-pool.ts';
import type { SignatureData } from './page/signatures.ts';
import type { VerifyRequest } from './verify-lab.ts';

const ROUNDS = 9;
const SIGNATURES = 1_000;
const KEYS = 50;
/** forge is slow, so its time for this many signatures is scaled up. */
const FORGE_SIGNATURES = 50;

/** The signed message of a transfer is about this long. */
const MESSAGE_BYTES = 120;

function signatures(from: number, count: number): SignatureData[] {
  const keys = keyPool(KEYS);
  return Array.from({ length: count }, (_, i) => {
    const key = keys[i % KEYS]!;
    const message = utf8(`message ${from + i}`.padEnd(MESSAGE_BYTES));
    const signature = new Uint8Array(sign('sha256', message, key.privateKey));
    return { key: String(from + i), modulus: toHex(key.modulus), message: toHex(message), signature: toHex(signature) };
  });
}

/**
 * The smaller of wall-clock time and processor time. The wall clock includes the work of other programs; processor time adds up parallel
 * threads. The smaller figure is closer to the time on a quiet machine.
 */
async function smaller(verified: () => Promise<number>): Promise<number> {
  const before = workerProcessorMs();
  const elapsedMs = await verified();
  const after = workerProcessorMs();
  return before === null || after === null ? elapsedMs : Math.min(elapsedMs, after - before);
}

async function run(bench: Bench): Promise<void> {
  const page = await bench.page();
  if (page === null) {
    bench.note('No Chromium here.');
    return;
  }
  const earlier = signatures(0, KEYS);
  const fresh = signatures(KEYS, SIGNATURES);
  const ask = async (means: VerifyRequest['means'], items = fresh): Promise<number> => {
    await page.ask({ type: 'prepare', means, earlier, fresh: items });
    return smaller(() => page.ask({ type: 'verify' }));
  };
  const few = fresh.slice(0, FORGE_SIGNATURES);
  const samples = await alternate(
    {
      secure: () => ask('webcrypto'),
      plain: () => ask('bigint'),
      forge: async () => (await ask('forge', few)) * (SIGNATURES / FORGE_SIGNATURES),
    },
    ROUNDS,
  );
  bench.note(`${SIGNATURES} signatures by ${KEYS} keys in one worker; node-forge: ${median(samples['forge']!).toFixed(0)} ms`);
  bench.figure('secure_ms_per_1000', median(samples['secure']!), { atMost: 35 });
  bench.figure('plain_ms_per_1000', median(samples['plain']!), { atMost: 100 });
  bench.figure('secure_over_forge', 1 / medianRatio(samples, 'secure', 'forge'));
  bench.figure('plain_over_forge', 1 / medianRatio(samples, 'plain', 'forge'));
}

export const verify: Benchmark = {
  name: 'verify',
  summary: 'RSA signatures in Chromium: WebCrypto, BigInt, and node-forge as reference',
  run,
};
