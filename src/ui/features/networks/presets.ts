import type { NetworkRules } from '../../../api/api.ts';

export const PRESETS = ['class', 'semester', 'race'] as const;
export type Preset = (typeof PRESETS)[number];

/** The rules as a form holds them: texts that a person may be typing. */
export interface RulesForm {
  readonly seconds: string;
  readonly subsidy: string;
  readonly grant: string;
  readonly halving: string;
  readonly kibibytes: string;
}

/**
 * - A class sees a block every few seconds, and everybody can pay without mining.
 * - A semester's chain grows by 1,440 blocks a day, and its coins keep some value.
 * - A race gives nothing for free, and its reward halves every three minutes.
 */
export const PRESET_RULES: Readonly<Record<Preset, RulesForm>> = {
  class: { seconds: '5', subsidy: '50', grant: '100', halving: '0', kibibytes: '256' },
  semester: { seconds: '60', subsidy: '10', grant: '100', halving: '0', kibibytes: '256' },
  race: { seconds: '2', subsidy: '50', grant: '0', halving: '100', kibibytes: '256' },
};

/** The field of the form for each rule, by the name that an error gives it. */
export const FIELD_OF_RULE: Readonly<Record<string, keyof RulesForm | 'label'>> = {
  net: 'label',
  T: 'seconds',
  subsidy: 'subsidy',
  grant: 'grant',
  halving: 'halving',
  size: 'kibibytes',
};

/** One network of a minute: two classes that choose the same name on one day get different networks. */
const GENESIS_MS = 60_000;

/** The rules of a form at `nowMs`. Numbers that are no numbers become NaN, which the node refuses with the name of the rule. */
export function rulesOf(label: string, form: RulesForm, nowMs: number): NetworkRules {
  return {
    label,
    blockTimeMs: whole(Number(form.seconds) * 1_000),
    subsidy: form.subsidy.trim(),
    grant: form.grant.trim(),
    halvingInterval: whole(Number(form.halving)),
    maxBlockBytes: whole(Number(form.kibibytes) * 1_024),
    genesisTimeMs: Math.floor(nowMs / GENESIS_MS) * GENESIS_MS,
  };
}

const whole = (value: number): number => Math.round(value);

/** A label from a name that a person typed: "Class 3B" gives "class-3b"; other characters are left for the node to refuse. */
export function labelFrom(text: string): string {
  return text
    .normalize('NFKC')
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, '-');
}

/** A code in two groups, as people read it aloud. */
export const spacedCode = (code: string): string => `${code.slice(0, 3)} ${code.slice(3)}`;
