/**
 * The fragment of the page's address: the parameters of the network and, as `at`, the route.
 * In `#net=demo&at=/blocks/12`, a link to a block is also a link that joins its network.
 */

/** The route in an address; `routes.ts` maps it to a page. */
export interface Place {
  /** The path alone: starts with "/" and has no "/" at its end. */
  path: string;
  /** Parameters after "?" of the route. */
  query: URLSearchParams;
}

/** The part after the first "#" of a whole address or a bare fragment. */
function withoutHash(text: string): string {
  const mark = text.indexOf('#');
  return mark < 0 ? '' : text.slice(mark + 1);
}

/** Parameters of routes that stand beside `at` when a handwritten link does not escape "&": "at=/transfer?to=ming&amount=5". */
const ROUTE_KEYS = ['to', 'amount', 'memo'] as const;

function isOfRoute(part: string): boolean {
  return ['at', ...ROUTE_KEYS].some((key) => part === key || part.startsWith(`${key}=`));
}

/** All parameters of a fragment (or of an address) except the route's, as written. They define the network. */
export function networkPart(fragment: string): string {
  return withoutHash(fragment)
    .split('&')
    .filter((part) => part !== '' && !isOfRoute(part))
    .join('&');
}

/** Whether two fragments (or addresses) name the same network, in any order and escaping of their parameters. */
export function sameNetwork(a: string, b: string): boolean {
  const canonical = (text: string): string => {
    const parameters = new URLSearchParams(networkPart(text));
    parameters.sort();
    return parameters.toString();
  };
  return canonical(a) === canonical(b);
}

/** The fragment, "#" included, that shows `at` ("/blocks/12?x=1") on the network of the present `fragment`. */
export function fragmentFor(fragment: string, at: string): string {
  // "/", "?", "=" and ":" need no escape inside a parameter's value; escaped, the links would be unreadable.
  const value = encodeURIComponent(at).replace(/%(2F|3F|3D|3A)/g, (escape) => decodeURIComponent(escape));
  const network = networkPart(fragment);
  if (at === '/') return `#${network}`;
  return network === '' ? `#at=${value}` : `#${network}&at=${value}`;
}

/** The fragment with another label of the network; the other parameters stay. */
export function withLabel(fragment: string, label: string): string {
  const values = new URLSearchParams(withoutHash(fragment));
  values.set('net', label);
  return `#${values}`;
}

/** The fragment without the signaling servers that it names. */
export function withoutServers(fragment: string): string {
  return `#${withoutHash(fragment).split('&').filter(isNoServer).join('&')}`;
}

/** The fragment of a network with the signaling servers of `fragment`, because others who follow a link need the same servers. */
export function withServersOf(fragment: string, network: string): string {
  const servers = withoutHash(fragment)
    .split('&')
    .filter((part) => part !== '' && !isNoServer(part));
  return `#${[networkPart(network), ...servers].filter((part) => part !== '').join('&')}`;
}

function isNoServer(part: string): boolean {
  return !part.startsWith('signal=');
}

/** `path` with `query`, leaving out empty values. */
export function routePath(path: string, query: Readonly<Record<string, string>> = {}): string {
  const present = Object.entries(query).filter(([, value]) => value !== '');
  return present.length === 0 ? path : `${path}?${new URLSearchParams(present)}`;
}

/** The place that a fragment names. Never throws; the path may lead to no page. */
export function placeOf(fragment: string): Place {
  const values = new URLSearchParams(withoutHash(fragment));
  const at = values.get('at') ?? '/';
  const mark = at.indexOf('?');
  const segments = (mark < 0 ? at : at.slice(0, mark)).split('/').filter((segment) => segment !== '');
  const query = new URLSearchParams(mark < 0 ? '' : at.slice(mark + 1));
  for (const key of ROUTE_KEYS) if (values.has(key) && !query.has(key)) query.set(key, values.get(key)!);
  return { path: `/${segments.join('/')}`, query };
}

/** A payment as a link describes it, unchecked. */
export interface Payment {
  to: string;
  amount: string;
  memo: string;
}

/** The payment that a place asks for; null where it asks for none. */
export function paymentAt({ path, query }: Place): Payment | null {
  if (path !== '/transfer' || !query.get('to')) return null;
  return { to: query.get('to') ?? '', amount: query.get('amount') ?? '', memo: query.get('memo') ?? '' };
}

/** The payment of a link in pasted text; null where the text has no payment link of the network of `fragment`. */
export function paymentIn(text: string, fragment: string): Payment | null {
  // The link ends at the first space: copied text may continue after the link.
  const link = /#\S+/.exec(text)?.[0]?.replaceAll('&amp;', '&') ?? '';
  return sameNetwork(link, fragment) ? paymentAt(placeOf(link)) : null;
}

/** The route that checks a receipt, given as text. */
export function receiptPath(receipt: string): string {
  return routePath('/receipt', { r: receipt });
}

/** The receipt in pasted text: the receipt of a link, or else the whole text without spaces and line breaks. */
export function receiptIn(text: string): string {
  const link = /#\S+/.exec(text)?.[0]?.replaceAll('&amp;', '&');
  return (link === undefined ? null : placeOf(link).query.get('r')) ?? text.replace(/\s/g, '');
}
