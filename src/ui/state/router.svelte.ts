import { fragmentFor, placeOf, sameNetwork, type Place } from '../routing.ts';

/** The place in the page's address, and the way to others. */
export class Router {
  #fragment = $state(location.hash);
  #place = $derived(placeOf(this.#fragment));

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

  /** Goes to `at` without a new entry in the browser's history. */
  replace(at: string): void {
    history.replaceState(null, '', this.href(at));
    this.#fragment = location.hash;
  }

  /** Follows the address until the returned function is called. Another network is another node: the page starts anew. */
  listen(): () => void {
    const follow = (event: HashChangeEvent): void => {
      if (!sameNetwork(event.oldURL, event.newURL)) location.reload();
      else this.#fragment = location.hash;
    };
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }
}
