import { firstDifference, stateKey } from '../../../../src/protocol/state-root.ts';
import { compareBytes } from '../../../../src/util/bytes.ts';

const TRIED = 4_096;
const PAIRS = 12;

/**
 * Addresses for state trees: pairs whose keys agree in some twenty bits, which random addresses hardly ever do, and some others. The keys
 * are in no order.
 */
export const TREE_ADDRESSES: readonly string[] = closePairs();

function closePairs(): string[] {
  const tried = Array.from({ length: TRIED }, (_, i) => {
    const address = (i * 0x9e3779b1).toString(16).padStart(40, '0');
    return { address, key: stateKey(address) };
  }).sort((a, b) => compareBytes(a.key, b.key));
  const pairs = tried
    .slice(1)
    .map((right, i) => ({ pair: [tried[i]!.address, right.address], bits: firstDifference(tried[i]!.key, right.key) }));
  const closest = pairs.sort((a, b) => b.bits - a.bits).slice(0, PAIRS);
  const others = Array.from({ length: 2 * PAIRS }, (_, i) => (i * 7 + 1).toString(16).padStart(40, 'a'));
  return [...new Set([...closest.flatMap(({ pair }) => pair), ...others])];
}
