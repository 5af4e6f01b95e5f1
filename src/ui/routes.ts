import type { Component } from 'svelte';
import LoginPage from './features/account/LoginPage.svelte';
import RegisterPage from './features/account/RegisterPage.svelte';
import WelcomePage from './features/account/WelcomePage.svelte';
import DatabasePage from './features/database/DatabasePage.svelte';
import BlockPage from './features/explorer/BlockPage.svelte';
import BlocksPage from './features/explorer/BlocksPage.svelte';
import TransactionPage from './features/explorer/TransactionPage.svelte';
import HistoryPage from './features/history/HistoryPage.svelte';
import HomePage from './features/home/HomePage.svelte';
import MeetPage from './features/network/MeetPage.svelte';
import NetworkPage from './features/network/NetworkPage.svelte';
import AccountPage from './features/people/AccountPage.svelte';
import ForksPage from './features/people/ForksPage.svelte';
import PeoplePage from './features/people/PeoplePage.svelte';
import LabPage from './features/lab/LabPage.svelte';
import LabsPage from './features/lab/LabsPage.svelte';
import LessonsPage from './features/lab/LessonsPage.svelte';
import NetworksPage from './features/networks/NetworksPage.svelte';
import PresentPage from './features/present/PresentPage.svelte';
import ReceiptPage from './features/receipt/ReceiptPage.svelte';
import SettingsPage from './features/settings/SettingsPage.svelte';
import ContactsPage from './features/transfer/ContactsPage.svelte';
import ReceivePage from './features/transfer/ReceivePage.svelte';
import TransferPage from './features/transfer/TransferPage.svelte';
import type { Messages } from './i18n/en/messages.ts';
import type { IconName } from './kit/icons.ts';

export interface MenuEntry {
  icon: IconName;
  label: (t: Messages) => string;
}

interface Common {
  /** ":id" stands for any one segment. */
  path: string;
  menu?: MenuEntry;
  /** Whether the page takes the whole window, for a wall. */
  whole?: boolean;
  /** Path of the menu entry to highlight, for a page without an entry. */
  under?: string;
}

/** A page, or a page about the one item whose id is in the address. */
export type Route = Common & ({ page: Component; guest?: Component } | { pageOf: Component<{ id: string }> });

/** Every page, in the order of the menu. While no account is open, `guest` replaces `page`. */
export const ROUTES: readonly Route[] = [
  { path: '/', page: HomePage, guest: WelcomePage, menu: { icon: 'home', label: (t) => t.home.title } },
  { path: '/register', page: RegisterPage, under: '/' },
  { path: '/login', page: LoginPage, under: '/' },
  { path: '/transfer', page: TransferPage, menu: { icon: 'transfer', label: (t) => t.transfer.title } },
  { path: '/receive', page: ReceivePage, under: '/transfer' },
  { path: '/contacts', page: ContactsPage, under: '/transfer' },
  { path: '/history', page: HistoryPage, menu: { icon: 'history', label: (t) => t.history.title } },
  { path: '/blocks', page: BlocksPage, menu: { icon: 'blocks', label: (t) => t.block.listTitle } },
  { path: '/blocks/:id', pageOf: BlockPage, under: '/blocks' },
  { path: '/tx/:id', pageOf: TransactionPage, under: '/blocks' },
  { path: '/forks', page: ForksPage, under: '/blocks' },
  { path: '/receipt', page: ReceiptPage, under: '/blocks' },
  { path: '/people', page: PeoplePage, menu: { icon: 'people', label: (t) => t.people.title } },
  { path: '/account/:id', pageOf: AccountPage, under: '/people' },
  { path: '/network', page: NetworkPage, menu: { icon: 'network', label: (t) => t.network.title } },
  { path: '/networks', page: NetworksPage, under: '/network' },
  { path: '/present', page: PresentPage, under: '/network', whole: true },
  { path: '/meet', page: MeetPage, under: '/network' },
  { path: '/database', page: DatabasePage, menu: { icon: 'database', label: (t) => t.database.title } },
  { path: '/lab', page: LabsPage, menu: { icon: 'flask', label: (t) => t.lab.title } },
  { path: '/lab/:id', pageOf: LabPage, under: '/lab' },
  { path: '/lessons', page: LessonsPage, under: '/lab' },
  { path: '/settings', page: SettingsPage, menu: { icon: 'settings', label: (t) => t.settings.title } },
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
