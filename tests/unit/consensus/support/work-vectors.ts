import { tailStart } from '../../../../src/consensus/work-proof.ts';
import { encodeSealedHeader } from '../../../../src/protocol/block.ts';
import { Writer } from '../../../../src/protocol/codec.ts';
import { formatNetworkLink, type Network } from '../../../../src/protocol/network.ts';
import { writeSamples, writeTail } from '../../../../src/protocol/work-proof.ts';
import { toHex } from '../../../../src/util/bytes.ts';
import { HeaderChain } from './header-chain.ts';

const HEIGHT = 130;
/** Fractions of the history's work, in units of 2^-64. */
const POINTS = [[], [0n], [1n, 1n << 60n, (1n << 60n) + 1n, 5n << 61n, (1n << 64n) - 1n]];

/** A chain that is just long enough for a tail, its tail, and samples of the history below the tail. */
export function workProofs(network: Network): object {
  const chain = new HeaderChain(network).grow(HEIGHT, { gapMs: (height) => network.blockTimeMs - (height % 3) * 100 });
  const size = tailStart(HEIGHT)!;
  const tail = new Writer();
  writeTail(tail, chain.tail());
  return {
    description:
      'The sealed headers of a chain without bodies, the tail of its newest block, and samples of the history below the first header of the ' +
      'tail: points (decimal, in units of 2^-64), the heights of the blocks on which they fall, and the bytes of the samples.',
    link: formatNetworkLink(network),
    headers: chain.headers.map((sealed) => toHex(encodeSealedHeader(sealed))),
    tail: toHex(tail.finish()),
    samples: POINTS.map((points) => {
      const samples = chain.samples(size, points);
      const writer = new Writer();
      writeSamples(writer, samples);
      const heights = samples.headers.map(({ header }) => header.height);
      return { points: points.map(String), heights, bytes: toHex(writer.finish()) };
    }),
  };
}
