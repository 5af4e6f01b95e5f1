/** How long to wait until the page is long enough to scroll, because lists are fetched after their page is shown. */
const SCROLL_WAIT_MS = 2_000;
const OWN_WILL = ['wheel', 'touchstart', 'keydown', 'pointerdown'] as const;

/**
 * Focuses the title of a new page for screen readers, because the element that had the focus is gone.
 * @param scrollY scroll position at which the user left the page, in pixels; 0 is the top
 */
export function focusTitle(scrollY = 0): void {
  window.scrollTo(0, scrollY);
  document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
  if (scrollY > 0) scrollWhenThere(scrollY);
}

/** Scrolls once the page is long enough, unless the user scrolls, clicks or types first. */
function scrollWhenThere(scrollY: number): void {
  const endMs = performance.now() + SCROLL_WAIT_MS;
  const stop = (): void => {
    for (const type of OWN_WILL) window.removeEventListener(type, stop);
    clearInterval(timer);
  };
  const timer = setInterval(() => {
    const isThere = document.documentElement.scrollHeight - window.innerHeight >= scrollY;
    if (isThere) window.scrollTo(0, scrollY);
    if (isThere || performance.now() > endMs) stop();
  }, 50);
  for (const type of OWN_WILL) window.addEventListener(type, stop, { passive: true });
}
