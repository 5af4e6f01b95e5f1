/** A notification of the system, as a page asks its service worker for one. */
export interface Notice {
  readonly title: string;
  readonly body: string;
  /** A later notice with the same tag takes the place of this notice, also from another tab. */
  readonly tag: string;
  readonly lang: string;
  /** Address of the icon. */
  readonly icon: string;
  /** Where a click leads: a route for the page that asked, and the whole address if that page is closed. */
  readonly at: string;
  readonly url: string;
}

const TEXTS = ['title', 'body', 'tag', 'lang', 'icon', 'at', 'url'] as const satisfies readonly (keyof Notice)[];

/** Messages cross threads, so their form is checked. */
export function isNotice(value: unknown): value is Notice {
  const given = (value ?? {}) as Readonly<Record<string, unknown>>;
  return TEXTS.every((name) => typeof given[name] === 'string');
}
