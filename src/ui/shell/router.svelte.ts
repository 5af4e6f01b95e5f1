import { fragmentFor, placeOf, sameMeeting, type Place } from '../address.ts';

/** The place in the page's address, and navigation to other places. */
export class Router {
  #fragment = $state(location.hash);
  #place = $derived(placeOf(this.#fragment));
  /** The shown entry of the browser's history, and the scroll position at which the user left each entry. */
  #entry = '';
  readonly #scrolls: Record<string, number> = {};
  #arrival = 0;

  /** Fragment of another network, or of another way to meet its tabs, in a changed address, until the user decides whether to go there. */
  otherNetwork = $state<string | null>(null);

  get place(): Place {
    return this.#place;
  }

  /** Fragment of a link to `at` ("/blocks/12") on the same network. */
  href(at: string): string {
    return fragmentFor(this.#fragment, at);
  }

  go(at: string): void {
    location.hash = this.href(at);
  }

  /** A way to go on after work that takes time: goes only if the person still is where the work began. */
  later(): (at: string) => void {
    const from = location.hash;
    return (at) => {
      if (location.hash === from) this.go(at);
    };
  }

  /** Leaves this network for {@link otherNetwork}. */
  leave(): void {
    if (this.otherNetwork === null) return;
    history.replaceState(null, '', this.otherNetwork);
    location.reload();
  }

  /** Scroll position, in pixels, at which the user left the present place, if "back" led there; 0 for a new place. */
  get arrivedAt(): number {
    return this.#arrival;
  }

  /** Goes to `at` without a new entry in the browser's history. */
  replace(at: string): void {
    history.replaceState(history.state, '', this.href(at));
    this.#fragment = location.hash;
  }

  /**
   * Follows the address until the returned function is called. Another network or another room needs another node, so the page reloads.
   * @param mustAsk whether the user must confirm leaving this network, because the page that opened this tab can change the address
   */
  listen(mustAsk: () => boolean): () => void {
    const follow = (): void => {
      const wanted = location.hash;
      if (sameMeeting(this.#fragment, wanted)) {
        this.#enter();
        this.#fragment = wanted;
      } else if (!mustAsk()) location.reload();
      else {
        history.replaceState({ entry: this.#entry }, '', this.#fragment);
        this.otherNetwork = wanted;
      }
    };
    const remember = (): void => void (this.#scrolls[this.#entry] = window.scrollY);
    // The browser would scroll before the earlier page is drawn again.
    history.scrollRestoration = 'manual';
    this.#enter();
    window.addEventListener('hashchange', follow);
    window.addEventListener('scroll', remember, { passive: true });
    return () => {
      window.removeEventListener('hashchange', follow);
      window.removeEventListener('scroll', remember);
    };
  }

  /** Names a new entry; only an entry that was shown before has a name and a scroll position. */
  #enter(): void {
    const { entry } = (history.state ?? {}) as { entry?: unknown };
    this.#entry = typeof entry === 'string' ? entry : `${performance.timeOrigin + performance.now()}`;
    this.#arrival = this.#scrolls[this.#entry] ?? 0;
    if (typeof entry !== 'string') history.replaceState({ entry: this.#entry }, '');
  }
}
