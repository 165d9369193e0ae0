/** Calls `enhance` for every element that fits, now and whenever htmx or the drawer brings new ones. */
export function whenPresent<Kind extends Element>(selector: string, enhance: (element: Kind) => void): void {
  const seen = new WeakSet<Element>();
  const look = (root: ParentNode): void => {
    for (const element of root.querySelectorAll<Kind>(selector)) {
      if (!seen.has(element)) {
        seen.add(element);
        enhance(element);
      }
    }
  };
  look(document);
  new MutationObserver((changes) => {
    for (const change of changes) {
      for (const node of change.addedNodes) {
        if (node instanceof Element && node.parentElement) look(node.parentElement);
      }
    }
  }).observe(document.body, { childList: true, subtree: true });
}
