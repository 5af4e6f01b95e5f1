import type { MiningOptions } from '../../../api/api.ts';
import type { App } from '../../state/app.svelte.ts';

/** Starts mining with the user's last choices and refreshes the status. @throws the errors of `mine()` */
export async function startMining(app: App, options: MiningOptions = {}): Promise<void> {
  const { threads, throttle, gpu, easeOnBattery, easeWhenHidden } = app.preferences.mining;
  const canUseGpu = gpu && app.status?.mining.gpu !== 'unavailable';
  await app.api.mine(true, { threads, throttle, gpu: canUseGpu, easeOnBattery, easeWhenHidden, ...options });
  await app.refresh();
}

/** Stops mining and refreshes the status. */
export async function stopMining(app: App): Promise<void> {
  await app.api.mine(false);
  await app.refresh();
}
