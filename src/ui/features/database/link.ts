/** Longer links are cut by many programs that pass them on. Beyond this length the page makes no link, and the address holds no query. */
export const MAX_LINK = 6_000;
