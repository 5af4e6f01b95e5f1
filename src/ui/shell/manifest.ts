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
 * @param link fragment of the network, "#" included
 */
export function manifestFor(general: Record<string, unknown>, base: string, link: string, label: string): Manifest {
  const whole = (address: string): string => new URL(address, base).href;
  const icons = (Array.isArray(general['icons']) ? (general['icons'] as Icon[]) : []).map((icon) => ({ ...icon, src: whole(icon.src) }));
  return {
    ...general,
    // Two networks are two installed apps. An id has no fragment, so the query holds the network.
    id: whole(`?${link.slice(1)}`),
    name: `Tabchain · ${label}`,
    short_name: label,
    start_url: whole(link),
    scope: whole('.'),
    icons,
  };
}

/** Replaces the page's manifest by its network's manifest. If the general manifest cannot be loaded, nothing changes. */
export async function installAs(link: string, label: string): Promise<void> {
  const element = document.querySelector<HTMLLinkElement>('link[rel="manifest"]');
  if (!element || element.href.startsWith('data:')) return;
  try {
    const general = (await (await fetch(element.href)).json()) as Record<string, unknown>;
    const manifest = manifestFor(general, location.origin + location.pathname, link, label);
    element.href = `data:application/manifest+json,${encodeURIComponent(JSON.stringify(manifest))}`;
  } catch {
    // Without its network's manifest, the page can still be installed, for the main network.
  }
}
