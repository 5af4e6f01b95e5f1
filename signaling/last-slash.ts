import { createHash } from 'node:crypto';

/**
 * Redirects a page opened as `https://host/class` to `https://host/class/`. Without the slash, the browser looks for the page's files one level too
 * high. A proxy that strips its prefix requests `/` in both cases, so only the browser can see the difference. A last part with a dot
 * names a file and stays. The script does nothing after a redirect, because a proxy that removes the slash would cause an endless loop.
 */
export const LAST_SLASH_SCRIPT =
  "if(!/(\\/|\\.[^/]*)$/.test(location.pathname)&&!performance.getEntriesByType('navigation')[0]?.redirectCount)" +
  "location.replace(location.origin+location.pathname+'/'+location.search+location.hash)";

/** The script's hash source for a content security policy. */
export const LAST_SLASH_SOURCE = `'sha256-${createHash('sha256').update(LAST_SLASH_SCRIPT).digest('base64')}'`;
