/**
 * Keeps the page working under a browser's translator. The translator replaces text nodes by `<font>` elements, so text that the
 * interface writes to its detached nodes would stay invisible. A detached text node that changes therefore replaces its `<font>` again.
 * @returns a function that stops this
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

/** The element that Chromium and translators based on Google's put in place of a text. */
function isTranslation(node: Node | null): node is HTMLElement {
  return node instanceof HTMLElement && node.tagName === 'FONT';
}
