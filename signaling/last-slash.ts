import { createHash } from 'node:crypto';

/**
 * Leads a page that was opened as `https://host/class` to `https://host/class/`. A proxy that strips its prefix asks the server for `/` in both
 * cases, so only the browser can tell, and there the files of the page are looked for one level off. What has a dot is a file of its own.
 * After a redirect nothing is done, because a proxy that takes the slash away again would keep the page going in circles.
 */
export const LAST_SLASH_SCRIPT =
  "if(!/(\\/|\\.[^/]*)$/.test(location.pathname)&&!performance.getEntriesByType('navigation')[0]?.redirectCount)" +
  "location.replace(location.origin+location.pathname+'/'+location.search+location.hash)";

/** As a content security policy names that script. */
export const LAST_SLASH_SOURCE = `'sha256-${createHash('sha256').update(LAST_SLASH_SCRIPT).digest('base64')}'`;
