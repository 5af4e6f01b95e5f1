/** The worker that runs single-threaded contestants, as mining threads and the node run in workers. */
import { createContestants, type Contestant } from '../kernel/contestants.ts';
import { prepareVerification } from '../verify-lab.ts';
import type { LabAnswer, LabRequest } from './lab.ts';

let contestants: Promise<Contestant[]> | null = null;
let prepared: (() => Promise<number>) | null = null;

async function perform(request: LabRequest): Promise<unknown> {
  if (request.type === 'prepare') {
    prepared = await prepareVerification(request, crypto.subtle);
    return null;
  }
  if (request.type === 'verify') return prepared!();
  contestants ??= createContestants({ bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) });
  const all = await contestants;
  if (request.type === 'contestants') return all.map(({ name }) => name);
  return all.find(({ name }) => name === request.contestant)!.work(request.milliseconds);
}

addEventListener('message', (event: MessageEvent<LabRequest>) => {
  const answer = (message: LabAnswer): void => postMessage(message);
  perform(event.data).then(
    (value) => answer({ value }),
    (error: unknown) => answer({ error: String(error) }),
  );
});
