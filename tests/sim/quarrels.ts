import { toFrames } from '../../src/net/framing.ts';
import { parseCoins } from '../../src/protocol/amount.ts';
import { parseAddress } from '../../src/crypto/address.ts';
import { encodeMessage } from '../../src/protocol/wire.ts';
import { buildTransfer } from '../../src/wallet/builder.ts';
import { orderlySubtle } from './engine/keys.ts';
import type { SimTab } from './tab.ts';
import { visit } from './visit.ts';
import type { World } from './world.ts';

/** Replaces a waiting transfer, as another wallet might: the same nonce, a higher fee, sent to any tab. */
export function outbid(world: World): void {
  const { rng } = world;
  const owners = world.honest().filter((tab) => tab.running && tab.page?.ready && tab.bound);
  if (owners.length === 0) return;
  const owner = rng.pick(owners);
  const teller = rng.pick(world.honest());
  const { keys, addressText } = owner.account!;
  owner.attempt('outbid', async () => {
    const { items } = await owner.page!.node.reads.mempool();
    const waiting = items.find(({ kind, from }) => kind === 'transfer' && from.address === addressText);
    if (!waiting || !teller.page?.ready) return;
    const order = {
      networkId: world.network.id,
      recipient: parseAddress(rng.pick(world.tabs).account?.addressText ?? addressText),
      amount: 1,
      fee: 2 * parseCoins(waiting.fee) + 1,
      nonce: waiting.nonce,
      memo: { kind: 'none' as const },
    };
    const transaction = await buildTransfer(order, keys, orderlySubtle(rng));
    world.count('quarrel:outbid');
    world.trace.note(owner.name, `outbids ${waiting.txid} at ${teller.name}`);
    visit(world, teller, rng.hex(8), () => ({ frames: toFrames(encodeMessage({ type: 'transaction', transaction })) }));
  });
}

/**
 * Two newcomers ask for the same name and mine.
 * @returns for each tab its side of a partition that separates them
 */
export function quarrel(world: World, one: SimTab, other: SimTab): boolean[] {
  world.count('quarrel:name');
  world.trace.note('world', `${one.name} and ${other.name} want the same name`);
  for (const tab of [one, other]) {
    tab.userName = 'wanted';
    tab.wantsMining = true;
    tab.register();
  }
  return world.tabs.map((tab) => tab === one || (tab !== other && world.rng.chance(0.5)));
}
