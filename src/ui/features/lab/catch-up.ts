/**
 * The chance that attackers outpace the rest of a network: they mine a branch of their own while the others add `confirmations` blocks, and go
 * on for as long as they like. Both formulas count blocks of equal difficulty.
 */

/** @param share of all hash power that the attackers have, from 0 to 1 @throws nothing; a share of one half or more always wins */
export function nakamotoChance(share: number, confirmations: number): number {
  const honest = 1 - share;
  if (share >= honest) return 1;
  // Nakamoto 2008, section 11: while the others find z blocks, the attackers find about as many as a Poisson variable says.
  const mean = (confirmations * share) / honest;
  let term = Math.exp(-mean);
  let sum = 1;
  for (let found = 0; found <= confirmations; found++) {
    if (found > 0) term *= mean / found;
    sum -= term * (1 - (share / honest) ** (confirmations - found));
  }
  return between(sum);
}

/** The same with the exact count of the attackers' blocks (Rosenfeld 2014, arXiv:1402.2009, section 5): a negative binomial variable. */
export function rosenfeldChance(share: number, confirmations: number): number {
  const honest = 1 - share;
  if (share >= honest) return 1;
  let ways = 1;
  let sum = 1;
  for (let found = 0; found <= confirmations; found++) {
    if (found > 0) ways *= (confirmations + found - 1) / found;
    sum -= ways * (honest ** confirmations * share ** found - honest ** found * share ** confirmations);
  }
  return between(sum);
}

/** Rounding may leave a sum a little outside. */
const between = (chance: number): number => Math.min(1, Math.max(0, chance));
