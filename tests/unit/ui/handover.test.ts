import { afterEach, expect, test } from 'vitest';
import { PaymentHandover } from '../../../src/ui/features/transfer/handover.svelte.ts';

const AT = '/transfer?to=third&amount=20';
const ends: (() => void)[] = [];
afterEach(() => ends.splice(0).forEach((end) => end()));

function tab(holding: string | null, network = '#net=pay1'): { handover: PaymentHandover; took: string[] } {
  const took: string[] = [];
  const handover = new PaymentHandover({ network: () => network, holding: () => holding, take: (at) => took.push(at) });
  ends.push(handover.start());
  return { handover, took };
}

test('a payment goes to the tab that has the account, and both tabs show it', async () => {
  const holder = tab('alex');
  const guest = tab(null);
  guest.handover.ask();
  await expect.poll(() => guest.handover.holders.map(({ name }) => name)).toEqual(['alex']);
  guest.handover.give(guest.handover.holders[0]!, AT);
  await expect.poll(() => guest.handover.taken).toBe('alex');
  expect(holder.took).toEqual([AT]);
});

test('only tabs of this network with an account answer, and only the chosen one accepts the payment', async () => {
  const [alex, ming, elsewhere, other] = [tab('alex'), tab('ming'), tab('wu', '#net=other'), tab(null)];
  const guest = tab(null);
  guest.handover.ask();
  await expect.poll(() => guest.handover.holders.map(({ name }) => name).sort()).toEqual(['alex', 'ming']);
  guest.handover.give(
    guest.handover.holders.find(({ name }) => name === 'ming')!,
    AT,
  );
  await expect.poll(() => guest.handover.taken).toBe('ming');
  expect([alex.took, ming.took, elsewhere.took, other.took]).toEqual([[], [AT], [], []]);
  guest.handover.ask();
  expect(guest.handover.taken).toBeNull();
});

test('messages of another shape change nothing, and holders are bounded', async () => {
  const holder = tab('alex');
  const guest = tab(null);
  const stranger = new BroadcastChannel('tabchain-payments');
  ends.push(() => stranger.close());
  const heard: { to?: unknown; from?: unknown; type?: unknown }[] = [];
  stranger.onmessage = ({ data }: MessageEvent) => heard.push(data as object);
  const junk = [
    null,
    5,
    'ask',
    [],
    { type: 'ask' },
    { type: 'ask', from: 1, network: [] },
    { type: 'give', to: 'x' },
    { type: 'constructor' },
  ];
  for (const message of junk) stranger.postMessage(message);
  guest.handover.ask();
  await expect.poll(() => guest.handover.holders.length).toBe(1);
  const to = heard.find(({ type }) => type === 'ask')!.from;
  for (let i = 0; i < 200; i++) stranger.postMessage({ type: 'here', to, from: `tab ${i}`, name: 'x' });
  stranger.postMessage({ type: 'taken', to, name: 'last' });
  await expect.poll(() => guest.handover.taken).toBe('last');
  expect(guest.handover.holders.length).toBeLessThanOrEqual(50);
  expect(holder.took).toEqual([]);
});
