import { describe, expect, test } from 'vitest';
import { createNetwork } from '../../../src/protocol/network.ts';
import { FIELD_OF_RULE, labelFrom, PRESET_RULES, PRESETS, rulesOf, spacedCode } from '../../../src/ui/features/networks/presets.ts';

const NOW = Date.UTC(2026, 10, 30, 8, 15, 42);

describe('the form of a new network', () => {
  test.each(PRESETS)('gives a valid network for the preset %s', (preset) => {
    const { label, blockTimeMs, halvingInterval, maxBlockBytes, genesisTimeMs } = rulesOf('class-3b', PRESET_RULES[preset], NOW);
    const network = createNetwork({
      label,
      blockTimeMs: blockTimeMs!,
      halvingInterval: halvingInterval!,
      maxBlockBytes: maxBlockBytes!,
      genesisTimeMs: genesisTimeMs!,
    });
    expect(network.blockTimeMs).toBe(Number(PRESET_RULES[preset].seconds) * 1_000);
  });

  test('makes another network a minute later', () => {
    const at = (ms: number): number => rulesOf('a', PRESET_RULES.class, ms).genesisTimeMs!;
    expect(at(NOW)).toBe(Date.UTC(2026, 10, 30, 8, 15));
    expect(at(NOW + 60_000)).not.toBe(at(NOW));
  });

  test.each([
    ['seconds', { seconds: '0' }, 'T'],
    ['seconds', { seconds: 'five' }, 'T'],
    ['halving', { halving: '-1' }, 'halving'],
    ['kibibytes', { kibibytes: '5000' }, 'size'],
  ] as const)('has its error at %s', (field, wrong, rule) => {
    const { subsidy: _, grant: __, ...rules } = rulesOf('a', { ...PRESET_RULES.class, ...wrong }, NOW);
    expect(() => createNetwork(rules as Parameters<typeof createNetwork>[0])).toThrow(
      expect.objectContaining({ code: 'network-invalid', details: expect.objectContaining({ field: rule }) }),
    );
    expect(FIELD_OF_RULE[rule]).toBe(field);
  });

  test.each([
    ['Class 3B', 'class-3b'],
    ['  ＣＬＡＳＳ＿3b ', 'class-3b'],
    ['班級', '班級'],
  ])('reads the name %j as %j', (typed, label) => expect(labelFrom(typed)).toBe(label));

  test('shows a code in two groups', () => expect(spacedCode('BCDFGH')).toBe('BCD FGH'));
});
