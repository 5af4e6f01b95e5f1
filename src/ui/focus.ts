/** Shows a page from its top and lets a screen reader say its title: what had the focus is gone. */
export function focusTitle(): void {
  window.scrollTo(0, 0);
  document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
}
