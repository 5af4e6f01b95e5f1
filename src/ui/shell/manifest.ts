/** The name, start address and icons of an installed page; members as in the W3C's "Web Application Manifest". */
export interface Manifest {
  id: string;
  name: string;
  start_url: string;
  [member: string]: unknown;
}

interface Icon {
  src: string;
  [member: string]: unknown;
}

/**
 * The manifest of one network, so an icon on the home screen opens that network instead of the main network.
 * @param general the manifest that the server has for all networks
 * @param base address of the page without its fragment; addresses in the result are absolute, because a data: URL has no folder
 * @param network its label, and its fragment, "#" included
 * @param start fragment with which the installed page opens: the network's, perhaps with servers
 */
export function manifestFor(
  general: Record<string, unknown>,
  base: string,
  { link, label }: { link: string; label: string },
  start = link,
): Manifest {
  const whole = (address: string): string => new URL(address, base).href;
  const icons = (Array.isArray(general['icons']) ? (general['icons'] as Icon[]) : []).map((icon) => ({ ...icon, src: whole(icon.src) }));
  return {
    ...general,
    // Two networks are two installed apps. An id has no fragment, so the query holds the network.
    id: whole(`?${link.slice(1)}`),
    name: `Tabchain · ${label}`,
    short_name: label,
    start_url: whole(start),
    scope: whole('.'),
    icons,
  };
}

/**
 * Replaces the page's manifest by its network's manifest. If the general manifest cannot be loaded, nothing changes.
 * @param start fragment with which the installed page opens. Null if the page's own address is secret: then the page has no manifest, and an
 * icon on the home screen keeps the whole address on this device.
 */
export async function installAs(network: { link: string; label: string }, start: string | null): Promise<void> {
  const element = document.querySelector<HTMLLinkElement>('link[rel="manifest"]');
  if (!element || element.href.startsWith('data:')) return;
  if (start === null) return element.remove();
  try {
    const general = (await (await fetch(element.href)).json()) as Record<string, unknown>;
    const manifest = manifestFor(general, location.origin + location.pathname, network, start);
    element.href = `data:application/manifest+json,${encodeURIComponent(JSON.stringify(manifest))}`;
  } catch {
    // Without its network's manifest, the page can still be installed, for the main network.
  }
}
