/**
 * Rare events that a long run must have met at least once, or it has proved less than it seems: a counter at zero means that the
 * scenarios no longer lead there.
 */
export const SOMETIMES: readonly string[] = [
  'clock:leapt-ahead',
  'clock:leapt-back',
  'chain:reorganisation-deep',
  'chain:reorganisation-very-deep',
  'chain:registration-undone',
  'chain:name-changed-owner',
  'chain:held',
  'chain:held-taken',
  'chain:side-block',
  'sync:staller-replaced',
  'sync:headers-timeout',
  'net:violation',
  'mining:too-late',
  'mining:thread-replaced',
  'tab:reopened-with-chain',
  'problem:storage-full',
  'problem:storage-failed',
  'problem:storage-unavailable',
  'problem:storage-not-owner',
  'problem:storage-damaged',
  'disk:torn',
  'disk:interrupted',
  'disk:loses its last write',
  'disk:is wiped',
  'disk:rots',
  'disk:salvaged',
  'partition:one-way',
  'partition:both-ways',
  'own:dropped:name-taken',
  'own:dropped:nonce-already-used',
  'own:dropped:replaced',
  'memo:opened',
  'memo:closed-to-others',
  'link:churned',
  'link:duplicate',
  'link:silent',
  'link:violation',
  'link:discouraged',
  'own:end:confirmed',
  'own:end:dropped',
  'probe',
  'evil:released',
  'evil:stalled',
  'evil:withheld',
  'evil:equivocated',
  'evil:forged',
  'evil:spammed',
  'evil:flooded',
  'evil:replayed',
  'evil:warped',
  'evil:eclipsed',
];

/** Beside these, under small limits. */
export const SOMETIMES_TIGHT: readonly string[] = [
  'refused:mempool-full',
  'gossip:mempool-full',
  'gossip:nonce-gap',
  'disk:several-pieces',
];

/** Runs of fewer seeds are too short to have met everything. */
export const SOMETIMES_SEEDS = 300;
