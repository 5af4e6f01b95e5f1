import { fragmentFor, placeOf, sameNetwork, type Place } from '../routing.ts';

/** The place in the page's address, and the way to others. */
export class Router {
  #fragment = $state(location.hash);
  #place = $derived(placeOf(this.#fragment));

  /** Fragment of another network that the address was changed to, while nobody has said whether to go there. */
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

  /** Leaves this network for {@link otherNetwork}. */
  leave(): void {
    if (this.otherNetwork === null) return;
    history.replaceState(null, '', this.otherNetwork);
    location.reload();
  }

  /** Goes to `at` without a new entry in the browser's history. */
  replace(at: string): void {
    history.replaceState(null, '', this.href(at));
    this.#fragment = location.hash;
  }

  /**
   * Follows the address until the returned function is called. Another network is another node, so the page starts again.
   * @param mustAsk whether leaving this network needs a yes: the page that opened this tab can change the address, too
   */
  listen(mustAsk: () => boolean): () => void {
    const follow = (): void => {
      const wanted = location.hash;
      if (sameNetwork(this.#fragment, wanted)) this.#fragment = wanted;
      else if (!mustAsk()) location.reload();
      else {
        history.replaceState(null, '', this.#fragment);
        this.otherNetwork = wanted;
      }
    };
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }
}
