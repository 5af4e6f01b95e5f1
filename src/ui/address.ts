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

/** All parameters of a fragment (or of an address) except the route's, as written: the network, and the ways to meet its tabs. */
export function networkPart(fragment: string): string {
  return withoutHash(fragment)
    .split('&')
    .filter((part) => part !== '' && !isOfRoute(part))
    .join('&');
}

/** Parameters that say where and how tabs meet, and are no part of the network: servers, and the secret key of the room. */
const MEETING_KEYS = ['signal', 'stun', 'turn', 'key'] as const;

/** Whether a part of a fragment is the parameter of one of these keys. */
function isOf(part: string, keys: readonly (typeof MEETING_KEYS)[number][]): boolean {
  return keys.some((key) => part.startsWith(`${key}=`));
}

/** {@link networkPart} without the ways to meet: the network alone, and no secret. */
export function chainPart(fragment: string): string {
  return networkPart(fragment)
    .split('&')
    .filter((part) => part !== '' && !isOf(part, MEETING_KEYS))
    .join('&');
}

function canonical(parameters: string): string {
  const values = new URLSearchParams(parameters);
  values.sort();
  return values.toString();
}

/** Whether two fragments (or addresses) name the same network, in any order and escaping of their parameters. */
export function sameNetwork(a: string, b: string): boolean {
  return canonical(chainPart(a)) === canonical(chainPart(b));
}

/** Whether two fragments name the same network and the same ways to meet its tabs, so that one node serves both. */
export function sameMeeting(a: string, b: string): boolean {
  return canonical(networkPart(a)) === canonical(networkPart(b));
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

/** The fragment without the parameters of these keys. */
export function without(fragment: string, ...keys: readonly (typeof MEETING_KEYS)[number][]): string {
  const parts = withoutHash(fragment).split('&');
  return `#${parts.filter((part) => !isOf(part, keys)).join('&')}`;
}

/** Whether a fragment has a key of the room. */
export function isKeyed(fragment: string): boolean {
  return new URLSearchParams(networkPart(fragment)).has('key');
}

/** The fragment with another key of the room. */
export function withKey(fragment: string, key: string): string {
  return `#${[networkPart(without(fragment, 'key')), `key=${key}`].filter((part) => part !== '').join('&')}`;
}

/**
 * The fragment of a network with the servers and the room key of `fragment`, because others who follow a link must meet the same tabs.
 * @param servers further signaling servers that this tab uses
 */
export function withMeetingOf(fragment: string, network: string, servers: readonly string[] = []): string {
  const parts = withoutHash(fragment)
    .split('&')
    .filter((part) => part !== '' && isOf(part, MEETING_KEYS));
  const added = servers.map((server) => `signal=${encodeURIComponent(server).replace(/%(2F|3A)/g, decodeURIComponent)}`);
  return `#${[chainPart(network), ...parts, ...added].filter((part) => part !== '').join('&')}`;
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

/** Longer than any invitation; an address should not grow with what a person pastes. */
const MAX_MEETING = 1_000;

/** The route that checks a receipt, given as text. */
export function receiptPath(receipt: string): string {
  return routePath('/receipt', { r: receipt });
}

/** The receipt in pasted text: the receipt of a link, or else the whole text without spaces and line breaks. */
export function receiptIn(text: string): string {
  const link = /#\S+/.exec(text)?.[0]?.replaceAll('&amp;', '&');
  return (link === undefined ? null : placeOf(link).query.get('r')) ?? text.replace(/\s/g, '');
}

/** The route that takes an invitation or a reply, given as text. */
export function meetPath(text: string): string {
  return routePath('/meet', { i: text });
}

/** The invitation or reply in pasted text, unchecked: that of a link, or else the whole text without spaces and line breaks. */
export function meetingIn(pasted: string): string {
  return /(?:invite|reply)-[\w-]{100,}/.exec(pasted)?.[0] ?? pasted.replace(/\s/g, '').slice(0, MAX_MEETING);
}

export function isInvitation(text: string): boolean {
  return text.startsWith('invite-');
}

export function isReply(text: string): boolean {
  return text.startsWith('reply-');
}
