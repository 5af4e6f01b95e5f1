/** Pictures of an account's address, the same on every page: they tell accounts apart, and prove nothing. */

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const DEGREES = 360;

function hash32(text: string): number {
  let hash = FNV_OFFSET;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), FNV_PRIME);
  // Similar texts differ in few bits until their hash is mixed.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Digits for `Face`. */
export function faceOf(address: string): string {
  return hash32(address).toString(16).padStart(8, '0');
}

/** The hue of an account's edges, in degrees. */
export function hueOf(address: string): number {
  return hash32(`hue ${address}`) % DEGREES;
}
