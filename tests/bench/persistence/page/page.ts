import StoreWorker from './store.worker.ts?worker';
import type { StoreLabApi, StoreRequest } from './store-lab.ts';

const workers = new Map<string, Worker>();

function ask(name: string, request: StoreRequest): Promise<unknown> {
  let worker = workers.get(name);
  if (!worker) workers.set(name, (worker = new StoreWorker({ name })));
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<{ value: unknown } | { error: string }>) =>
      'error' in data ? reject(new Error(data.error)) : resolve(data.value);
    worker.postMessage(request);
  });
}

(window as unknown as { lab: StoreLabApi }).lab = { ask };
