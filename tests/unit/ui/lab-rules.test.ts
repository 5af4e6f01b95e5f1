import { describe, expect, test } from 'vitest';
import { RULES } from '../../../src/consensus/rule-error.ts';
import { ruleText } from '../../../src/ui/features/lab/rule-text.ts';
import { fetchPack, LANGUAGES } from '../../../src/ui/i18n/languages.ts';

/** Experiments alter payments and blocks of payments, so these rules hold in all of them. */
const OUT_OF_REACH = new Set([
  ...['name-invalid', 'modulus-invalid', 'stamp-invalid', 'already-registered', 'name-taken', 'block-too-many-registrations'],
  ...['block-oversized', 'memo-invalid', 'transaction-other-network'],
]);

describe.each(LANGUAGES)('the rules that experiments break, in %s', (language) => {
  test('say why every node refuses, not how a person goes on with a payment', async () => {
    const { messages, errors } = await fetchPack(language);
    for (const code of Object.keys(RULES)) {
      const text = ruleText(messages, code);
      if (OUT_OF_REACH.has(code)) expect(text, code).toBeNull();
      else expect(text, code).toMatch(/[.。]$/);
      // The text for people who pay is another one.
      expect(text, code).not.toBe(errors[code as keyof typeof errors]({}));
    }
    expect(ruleText(messages, 'experiment-parent-unknown')).not.toBeNull();
  });
});
