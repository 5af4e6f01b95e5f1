import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync(new URL('../../../src/ui/styles/tokens.css', import.meta.url), 'utf8');
const colours = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map((m) => [m[1]!, [m[2]!, m[3]!] as const]),
);

/** Relative luminance, WCAG 2.2. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high! + 0.05) / (low! + 0.05);
}

describe.each([
  ['light', 0],
  ['dark', 1],
])('%s theme', (_, index) => {
  const colour = (name: string): string => colours.get(name)![index as 0 | 1];

  it.each(
    [
      ...['paper', 'card', 'sunk', 'jade-wash', 'amber-wash', 'clay-wash'].flatMap((ground) => [
        ['ink', ground],
        ['soft', ground],
      ]),
      ...['paper', 'card', 'jade-wash'].map((ground) => ['jade', ground]),
      ...['paper', 'card', 'amber-wash'].map((ground) => ['amber', ground]),
      ...['paper', 'card', 'clay-wash'].map((ground) => ['clay', ground]),
      ['on-jade', 'jade'],
      ['on-jade', 'jade-deep'],
    ].map(([text, ground]) => [text!, ground!] as const),
  )('%s on %s can be read (4.5:1, WCAG 1.4.3)', (text, ground) => {
    expect(contrast(colour(text), colour(ground))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(['paper', 'card'])('edges of controls can be seen on %s (3:1, WCAG 1.4.11)', (ground) => {
    expect(contrast(colour('edge'), colour(ground))).toBeGreaterThanOrEqual(3);
  });
});
