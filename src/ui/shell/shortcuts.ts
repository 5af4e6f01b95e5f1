import type { Messages } from '../i18n/en/messages.ts';
import { MENU } from '../routes.ts';

/** What the keys of the page do. The page's own search box takes "/". */
export interface Shortcut {
  /** Keys in order, as printed on them. */
  readonly keys: readonly string[];
  readonly label: (t: Messages) => string;
  readonly does: { readonly go: string } | 'mine' | 'help' | 'search';
}

/** The second key for each page of the menu: a letter of its English name, so it stays the same in every language. */
const LETTERS: Readonly<Record<string, string>> = {
  '/': 'h',
  '/transfer': 't',
  '/history': 'y',
  '/blocks': 'b',
  '/people': 'p',
  '/network': 'n',
  '/database': 'd',
  '/lab': 'l',
  '/settings': 's',
};

export const SHORTCUTS: readonly Shortcut[] = [
  ...MENU.flatMap(({ path, menu }): Shortcut[] => {
    const letter = LETTERS[path];
    return letter === undefined ? [] : [{ keys: ['g', letter], label: menu.label, does: { go: path } }];
  }),
  { keys: ['g', 'r'], label: (t) => t.receive.title, does: { go: '/receive' } },
  { keys: ['/'], label: (t) => t.shortcuts.search, does: 'search' },
  { keys: ['m'], label: (t) => t.shortcuts.mine, does: 'mine' },
  { keys: ['?'], label: (t) => t.shortcuts.help, does: 'help' },
];

/** The notation of tinykeys: keys of a sequence stand apart, and a question mark needs Shift on some keyboards only. */
export function bindingOf({ keys }: Shortcut): string {
  return keys.map((key) => (key === '?' ? '(Shift)+?' : key)).join(' ');
}

/** Whether a key press belongs to what has the focus: a field takes letters, and a dialog hides the page. */
export function belongsElsewhere(event: KeyboardEvent): boolean {
  if (event.isComposing || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return true;
  return event.target instanceof Element && event.target.closest('input, textarea, select, dialog, [contenteditable]') !== null;
}
