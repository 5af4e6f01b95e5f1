/** Ways to play foul. Each runs a real node underneath, so that it knows the chain as well as anybody. */
export const EVIL_KINDS = [
  'selfish', // keeps its blocks to itself and brings them out together
  'withholder', // announces headers and never delivers what belongs to them
  'staller', // claims much and answers nothing
  'equivocator', // tells every neighbour of another block at the same height
  'forger', // sends what is invalid, at every layer
  'spammer', // sends long branches of headers that cost next to nothing
  'flooder', // sends well-formed nonsense, much of it
  'replayer', // repeats what it has heard, at the wrong time to the wrong tab
  'warper', // mines with a clock that is wrong as far as anybody believes it, and farther
  'eclipser', // cuts a victim off from everybody but itself
  'nosync', // claims endless work under ever new identities and never shows a header
  'deaf', // asks and announces, but answers nothing
  'withhold-compact', // announces everybody's blocks first, and never delivers what is missing of them
  'starve', // asks for whatever is dear to answer
  'gap-filler', // fills mempools with transfers behind a number that never comes
  'stamp-filler', // fills mempools with registrations of accounts that nobody wants
  'dust', // pays the least amount to accounts that nobody has
] as const;
export type EvilKind = (typeof EVIL_KINDS)[number];
