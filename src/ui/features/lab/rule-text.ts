import type { Messages } from '../../i18n/en/messages.ts';
import type { App } from '../../state/app.svelte.ts';

/** The rule that an experiment breaks, for students; null for a code that no experiment reaches. */
export function ruleText(t: Messages, code: string): string | null {
  return (t.lab.rules as Readonly<Partial<Record<string, string>>>)[code] ?? null;
}

/** Why every node refuses what an experiment offers. A code without such a text has the text that people get outside of the lab. */
export function explainRule(app: Pick<App, 't' | 'explain'>, code: string): string {
  return ruleText(app.t, code) ?? app.explain({ code, message: code });
}
