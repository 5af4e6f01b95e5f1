import type { Component } from 'svelte';
import WelcomePage from './features/account/WelcomePage.svelte';
import HomePage from './features/home/HomePage.svelte';
import type { Messages } from './i18n/en/messages.ts';
import type { IconName } from './kit/icons.ts';
import { Later } from './shell/later.svelte.ts';

export interface MenuEntry {
  icon: IconName;
  label: (t: Messages) => string;
}

interface Common {
  /** ":id" stands for any one segment. */
  path: string;
  menu?: MenuEntry;
  /** Whether the page takes the whole window, as on a projector. */
  whole?: boolean;
  /** Path of the menu entry to highlight, for a page without an entry. */
  under?: string;
}

/** A page, or a page about the one item whose id is in the address. Only the first page of a visit comes with the entry. */
export type Route = Common & ({ page: Component | Later; guest?: Component } | { pageOf: Later<{ id: string }> });

/** Every page, in the order of the menu. While no account is open, `guest` replaces `page`. */
export const ROUTES: readonly Route[] = [
  { path: '/', page: HomePage, guest: WelcomePage, menu: { icon: 'home', label: (t) => t.home.title } },
  { path: '/register', page: new Later(() => import('./features/account/RegisterPage.svelte')), under: '/' },
  { path: '/login', page: new Later(() => import('./features/account/LoginPage.svelte')), under: '/' },
  {
    path: '/transfer',
    page: new Later(() => import('./features/transfer/TransferPage.svelte')),
    menu: { icon: 'transfer', label: (t) => t.transfer.title },
  },
  { path: '/receive', page: new Later(() => import('./features/transfer/ReceivePage.svelte')), under: '/transfer' },
  { path: '/contacts', page: new Later(() => import('./features/transfer/ContactsPage.svelte')), under: '/transfer' },
  {
    path: '/history',
    page: new Later(() => import('./features/history/HistoryPage.svelte')),
    menu: { icon: 'history', label: (t) => t.history.title },
  },
  {
    path: '/blocks',
    page: new Later(() => import('./features/explorer/BlocksPage.svelte')),
    menu: { icon: 'blocks', label: (t) => t.block.listTitle },
  },
  { path: '/blocks/:id', pageOf: new Later<{ id: string }>(() => import('./features/explorer/BlockPage.svelte')), under: '/blocks' },
  { path: '/tx/:id', pageOf: new Later<{ id: string }>(() => import('./features/explorer/TransactionPage.svelte')), under: '/blocks' },
  { path: '/forks', page: new Later(() => import('./features/people/ForksPage.svelte')), under: '/blocks' },
  { path: '/receipt', page: new Later(() => import('./features/receipt/ReceiptPage.svelte')), under: '/blocks' },
  {
    path: '/people',
    page: new Later(() => import('./features/people/PeoplePage.svelte')),
    menu: { icon: 'people', label: (t) => t.people.title },
  },
  { path: '/account/:id', pageOf: new Later<{ id: string }>(() => import('./features/people/AccountPage.svelte')), under: '/people' },
  {
    path: '/network',
    page: new Later(() => import('./features/network/NetworkPage.svelte')),
    menu: { icon: 'network', label: (t) => t.network.title },
  },
  { path: '/networks', page: new Later(() => import('./features/networks/NetworksPage.svelte')), under: '/network' },
  { path: '/present', page: new Later(() => import('./features/present/PresentPage.svelte')), under: '/network', whole: true },
  { path: '/meet', page: new Later(() => import('./features/network/MeetPage.svelte')), under: '/network' },
  {
    path: '/database',
    page: new Later(() => import('./features/database/DatabasePage.svelte')),
    menu: { icon: 'database', label: (t) => t.database.title },
  },
  { path: '/lab', page: new Later(() => import('./features/lab/LabsPage.svelte')), menu: { icon: 'flask', label: (t) => t.lab.title } },
  { path: '/lab/:id', pageOf: new Later<{ id: string }>(() => import('./features/lab/LabPage.svelte')), under: '/lab' },
  { path: '/lessons', page: new Later(() => import('./features/lab/LessonsPage.svelte')), under: '/lab' },
  {
    path: '/settings',
    page: new Later(() => import('./features/settings/SettingsPage.svelte')),
    menu: { icon: 'settings', label: (t) => t.settings.title },
  },
];

export const MENU = ROUTES.filter((route): route is Route & { menu: MenuEntry } => route.menu !== undefined);

/** The route of a path and the id in the path ("" if the route has none); null where the path leads to no page. */
export function routeOf(path: string): { route: Route; id: string } | null {
  const segments = path.split('/');
  for (const route of ROUTES) {
    const pattern = route.path.split('/');
    if (pattern.length !== segments.length) continue;
    if (!pattern.every((part, i) => part === segments[i] || (part === ':id' && segments[i] !== ''))) continue;
    return { route, id: decoded(segments[pattern.indexOf(':id')] ?? '') };
  }
  return null;
}

/** Resolves when the code of the page at `path` is here, or cannot be fetched. */
export async function loadPage(path: string): Promise<void> {
  const route = routeOf(path)?.route;
  if (route !== undefined) await laterOf(route)?.load();
}

/** Fetches the code of all pages, while their server is there. */
export function loadPages(): void {
  for (const route of ROUTES) void laterOf(route)?.load();
}

function laterOf(route: Route): Later | Later<{ id: string }> | null {
  const page = 'pageOf' in route ? route.pageOf : route.page;
  return page instanceof Later ? page : null;
}

/** Path of the menu entry to highlight at `path`; null where `path` leads to no page. */
export function menuPathOf(path: string): string | null {
  const route = routeOf(path)?.route;
  return route === undefined ? null : (route.under ?? route.path);
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
