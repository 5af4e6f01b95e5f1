import { createNetwork, formatNetworkLink, type NetworkParameters } from '../../../src/protocol/network.ts';

/** 16 expected hashes, so that a block takes only a moment. */
const EASY_BITS = 0x200fffff;

/**
 * The link of a network for one test, fast on two cores. The genesis is an hour old, so that the first block needs no wait.
 * @param label distinct per test, so that tests do not share a room
 */
export function testNetworkLink(label: string, given: Partial<NetworkParameters> = {}): string {
  const genesisTimeMs = Date.now() - 60 * 60 * 1000;
  return formatNetworkLink(
    createNetwork({ label, blockTimeMs: 2_000, powLimitBits: EASY_BITS, stampBits: EASY_BITS, genesisTimeMs, ...given }),
  );
}
