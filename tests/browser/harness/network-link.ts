import { createNetwork, formatNetworkLink, type NetworkParameters } from '../../../src/protocol/network.ts';

/** 16 expected hashes: a test's block needs a moment, not a miner. */
const EASY_BITS = 0x200fffff;

/**
 * The link of a network made for one test, quick on two cores. The genesis lies an hour back, so that the first block needs no waiting.
 * @param label distinct per test, so that tests do not meet in one room
 */
export function testNetworkLink(label: string, given: Partial<NetworkParameters> = {}): string {
  const genesisTimeMs = Date.now() - 60 * 60 * 1000;
  return formatNetworkLink(
    createNetwork({ label, blockTimeMs: 2_000, powLimitBits: EASY_BITS, stampBits: EASY_BITS, genesisTimeMs, ...given }),
  );
}
