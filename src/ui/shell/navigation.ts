import type { Messages } from '../i18n/en.ts';
import type { Route } from '../routes.ts';
import type { IconName } from '../kit/icons.ts';

export interface NavItem {
  key: keyof Pick<Messages['nav'], 'home' | 'transfer' | 'history' | 'blocks' | 'network' | 'database' | 'settings'>;
  at: string;
  icon: IconName;
  /** Pages that light this item up. */
  pages: readonly Route['page'][];
}

/** The first four have a place of their own on a phone; the rest lies behind "more". */
export const NAV_ITEMS: readonly NavItem[] = [
  { key: 'home', at: '/', icon: 'home', pages: ['home', 'register', 'login'] },
  { key: 'transfer', at: '/transfer', icon: 'transfer', pages: ['transfer', 'receive'] },
  { key: 'history', at: '/history', icon: 'history', pages: ['history'] },
  { key: 'blocks', at: '/blocks', icon: 'blocks', pages: ['blocks', 'block', 'transaction', 'account'] },
  { key: 'network', at: '/network', icon: 'network', pages: ['network'] },
  { key: 'database', at: '/database', icon: 'database', pages: ['database'] },
  { key: 'settings', at: '/settings', icon: 'settings', pages: ['settings'] },
];

export const PHONE_ITEMS = 4;
