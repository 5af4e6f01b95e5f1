/** Kinds of hostile tabs. Each runs a real node, so that it knows the chain. */
export const EVIL_KINDS = [
  'selfish', // withholds its blocks and publishes them together
  'raiser', // mines a secret branch whose header times raise the difficulty, and publishes the branch once it is heavier
  'withholder', // announces headers and never delivers their blocks
  'staller', // claims much work and answers no request
  'equivocator', // sends each neighbour a different block of the same height
  'forger', // sends messages that are invalid at any layer
  'spammer', // sends long branches of headers that cost next to nothing
  'flooder', // sends many well-formed but useless messages
  'replayer', // repeats received messages at the wrong time to the wrong tab
  'warper', // mines with a clock as wrong as peers tolerate, and worse
  'eclipser', // cuts a victim off from all other tabs
  'nosync', // claims enormous work under ever new identities and never sends a header
  'deaf', // asks and announces, but answers no request
  'withhold-compact', // announces all blocks first and never delivers their missing transactions
  'starve', // sends requests that are expensive to answer
  'gap-filler', // fills mempools with transfers behind a nonce that never comes
  'stamp-filler', // fills mempools with registrations of useless accounts
  'dust', // pays the smallest amount to accounts without owners
] as const;

/** Kinds that deceive newcomers to a long chain. */
export const JOIN_EVIL_KINDS = [
  'sample-forger', // answers requests for samples of work with altered samples
  'false-snapshot', // claims more work than any chain has, by true headers on a history that was never mined
  'other-network', // proves the work of another network's chain
  'account-forger', // sends altered, incomplete or repeated accounts of a snapshot, or none
  'proof-only', // proves the chain's work and sends the accounts, but never a block
] as const;
export type JoinEvilKind = (typeof JOIN_EVIL_KINDS)[number];

export type EvilKind = (typeof EVIL_KINDS)[number] | JoinEvilKind;
export const ALL_EVIL_KINDS: readonly EvilKind[] = [...EVIL_KINDS, ...JOIN_EVIL_KINDS];

export function isJoinEvil(kind: EvilKind): kind is JoinEvilKind {
  return JOIN_EVIL_KINDS.some((each) => each === kind);
}
