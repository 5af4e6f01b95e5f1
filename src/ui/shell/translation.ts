/**
 * Keeps the page alive under a browser's translator. It puts `<font>` elements in the place of text nodes; what the interface then writes
 * into its own, detached nodes would never be seen. So a text node that is written to comes back in place of what replaced it.
 * @returns ends it
 */
export function surviveTranslation(root: HTMLElement): () => void {
  const stands = new WeakMap<Node, HTMLElement>();

  const comeBack = new MutationObserver((records) => {
    for (const { target } of records) {
      const replacement = stands.get(target);
      stands.delete(target);
      if (replacement?.isConnected) replacement.replaceWith(target);
    }
  });

  const look = new MutationObserver((records) => {
    for (const record of records) {
      for (const node of record.removedNodes) {
        if (!(node instanceof Text) || node.isConnected) continue;
        const replacement = [...record.addedNodes, record.previousSibling, record.nextSibling].find(isTranslation);
        if (!replacement) continue;
        stands.set(node, replacement);
        comeBack.observe(node, { characterData: true });
      }
    }
  });
  look.observe(root, { childList: true, subtree: true });
  return () => {
    look.disconnect();
    comeBack.disconnect();
  };
}

/** What Chromium and the translators built on Google's put in the place of a text. */
function isTranslation(node: Node | null): node is HTMLElement {
  return node instanceof HTMLElement && node.tagName === 'FONT';
}
