import {
  acceptCompletion,
  autocompletion,
  closeCompletion,
  completionKeymap,
  type Completion,
  type CompletionResult,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { SQLite } from '@codemirror/lang-sql';
import { bracketMatching, HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { Compartment, EditorState, Prec, type Extension } from '@codemirror/state';
import { EditorView, hoverTooltip, keymap, type Tooltip } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { explanationAt, wordsAt, type Relation } from './words.ts';

/** What the editor says and knows; it may change while the editor is open. */
export interface EditorTexts {
  readonly label: string;
  /** Id of the element that explains the keys. */
  readonly describedby: string;
  readonly completions: string;
  readonly schema: readonly Relation[];
}

export interface EditorOptions {
  readonly parent: HTMLElement;
  readonly text: string;
  readonly texts: EditorTexts;
  readonly onchange: (text: string) => void;
  readonly onrun: () => void;
}

export interface Editor {
  setText(text: string): void;
  setTexts(texts: EditorTexts): void;
  /** Puts `text` in place of the selection, and the cursor behind it. */
  insert(text: string): void;
  focus(): void;
  destroy(): void;
}

/** Colours of the page, so that the editor follows its theme. */
const LOOK = EditorView.theme({
  '&': { backgroundColor: 'var(--card)', color: 'var(--ink)', borderRadius: 'var(--radius-small)' },
  '&.cm-focused': { outline: '2px solid var(--jade)', outlineOffset: '2px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55', maxHeight: '46vh', overflow: 'auto' },
  '.cm-content': { boxSizing: 'border-box', padding: '10px 0', caretColor: 'var(--ink)', minHeight: '180px' },
  '.cm-line': { padding: '0 12px' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-matchingBracket': { backgroundColor: 'var(--jade-wash) !important', outline: '1px solid var(--jade)' },
  '.cm-nonmatchingBracket': { backgroundColor: 'var(--clay-wash) !important' },
  '.cm-tooltip': {
    border: '1px solid var(--edge)',
    borderRadius: 'var(--radius-small)',
    backgroundColor: 'var(--card)',
    color: 'var(--ink)',
    boxShadow: 'var(--shadow-high)',
    overflow: 'hidden',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', fontSize: '13.5px', maxHeight: '220px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '4px 10px', lineHeight: '1.5' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': { backgroundColor: 'var(--jade)', color: 'var(--on-jade)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected] .cm-completionDetail': { color: 'var(--on-jade)' },
  '.cm-completionDetail': { color: 'var(--soft)', fontStyle: 'normal', marginLeft: '1em' },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '700' },
  '.cm-tooltip.cm-completionInfo': { padding: '8px 12px', maxWidth: '280px', font: '13px/1.5 var(--text)' },
  '.cm-tooltip .meaning': { padding: '8px 12px', maxWidth: '300px', font: '13px/1.5 var(--text)' },
  '.cm-tooltip .meaning code': { fontFamily: 'var(--mono)', fontWeight: '600' },
});

const COLOURS = syntaxHighlighting(
  HighlightStyle.define([
    { tag: tags.keyword, color: 'var(--jade)', fontWeight: '600' },
    { tag: [tags.string, tags.special(tags.string)], color: 'var(--amber)' },
    { tag: [tags.number, tags.bool, tags.null], color: 'var(--clay)' },
    { tag: [tags.comment, tags.lineComment, tags.blockComment], color: 'var(--soft)', fontStyle: 'italic' },
    { tag: tags.standard(tags.name), color: 'var(--jade-deep)' },
  ]),
);

/** Opens CodeMirror in `parent`. */
export function createEditor({ parent, text, texts, onchange, onrun }: EditorOptions): Editor {
  const changing = new Compartment();
  const run = (view: EditorView): boolean => {
    closeCompletion(view);
    onrun();
    return true;
  };
  // Tab takes a suggestion and else leaves the field, so that nobody is caught in it. Both run keys work everywhere, because people use both.
  const keys = Prec.highest(
    keymap.of([
      { key: 'Ctrl-Enter', run },
      { key: 'Cmd-Enter', run },
      { key: 'Tab', run: acceptCompletion },
    ]),
  );
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        keys,
        history(),
        // Without the words of the dialect, of which most mean nothing to SQLite; words.ts has those that do.
        SQLite.extension,
        bracketMatching(),
        COLOURS,
        LOOK,
        EditorView.lineWrapping,
        keymap.of([...completionKeymap, ...historyKeymap, ...defaultKeymap]),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onchange(update.state.doc.toString());
        }),
        changing.of(extensionsOf(texts)),
      ],
    }),
  });
  return {
    setText(wanted) {
      const { doc } = view.state;
      if (doc.toString() === wanted) return;
      view.dispatch({ changes: { from: 0, to: doc.length, insert: wanted }, selection: { anchor: wanted.length } });
    },
    setTexts: (changed) => view.dispatch({ effects: changing.reconfigure(extensionsOf(changed)) }),
    insert(word) {
      view.dispatch(view.state.replaceSelection(word), { scrollIntoView: true });
      view.focus();
    },
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}

function extensionsOf({ label, describedby, completions, schema }: EditorTexts): Extension {
  return [
    EditorView.contentAttributes.of({
      'aria-label': label,
      'aria-describedby': describedby,
      translate: 'no',
      spellcheck: 'false',
      autocapitalize: 'none',
      autocorrect: 'off',
    }),
    EditorState.phrases.of({ Completions: completions }),
    SQLite.language.data.of({
      autocomplete: ({ state, pos, explicit }: Parameters<typeof complete>[1]) => complete(schema, { state, pos, explicit }),
    }),
    autocompletion({ icons: false }),
    hoverTooltip((view, at) => tooltipAt(schema, view, at)),
  ];
}

/** Which of equally fitting words comes first. */
const BOOST = { column: 2, relation: 1, keyword: 0 } as const;

function complete(
  schema: readonly Relation[],
  { state, pos, explicit }: { state: EditorState; pos: number; explicit: boolean },
): CompletionResult | null {
  const found = wordsAt(schema, state.doc.toString(), pos);
  if (!found || (found.from === pos && !explicit && state.doc.sliceString(pos - 1, pos) !== '.')) return null;
  const options = found.words.map(({ text, kind, detail, meaning }): Completion => ({
    label: text,
    detail,
    boost: BOOST[kind],
    ...(meaning === '' ? {} : { info: meaning }),
  }));
  return { from: found.from, options, validFor: /^\w*$/ };
}

function tooltipAt(schema: readonly Relation[], view: EditorView, at: number): Tooltip | null {
  const found = explanationAt(schema, view.state.doc.toString(), at);
  if (!found) return null;
  return {
    pos: found.from,
    end: found.to,
    above: true,
    create() {
      const dom = document.createElement('div');
      dom.className = 'meaning';
      const title = document.createElement('code');
      title.textContent = found.detail === '' ? found.title : `${found.title} · ${found.detail}`;
      const meaning = document.createElement('p');
      meaning.textContent = found.meaning;
      dom.append(title, meaning);
      return { dom };
    },
  };
}
