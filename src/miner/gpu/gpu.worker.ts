/** Entry of the GPU's mining thread. Like `miner.worker.ts`, uses the platform directly. */
import { errorCode } from '../../util/errors.ts';
import type { Random } from '../../util/ports.ts';
import type { MinerCommand, MinerReport } from '../messages.ts';
import { openGpu } from './device.ts';
import { GpuLoop } from './gpu-loop.ts';
import { checkGpu } from './self-check.ts';

const report = (message: MinerReport): void => postMessage(message);
const random: Random = { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) };

async function start(): Promise<GpuLoop | null> {
  try {
    const search = await openGpu(navigator.gpu as GPU | undefined);
    await checkGpu(search, random);
    const loop = new GpuLoop({
      search,
      clock: { monotonic: () => performance.now() },
      report,
      sleep: (delayMs) => new Promise((resolve) => setTimeout(resolve, delayMs)),
    });
    void search.lost.then((error) => loop.fail(error));
    return loop;
  } catch (error) {
    report({ type: 'failed', code: errorCode(error), reason: error instanceof Error ? error.message : String(error) });
    return null;
  }
}

/** Commands that arrive while the GPU compiles wait in order. */
const loop = start();
addEventListener('message', (event: MessageEvent<MinerCommand>) => void loop.then((started) => started?.handle(event.data)));
