import type { Status } from '../../api/api.ts';
import type { Messages } from '../i18n/en/messages.ts';

/**
 * The title of the browser's tab: shows whether this tab mines, also while another tab is in front, and the page.
 * @param page title of the page; null for the first page
 */
export function tabTitle(status: Status | null, page: string | null, t: Messages): string {
  const mining = status?.mining.on ? (status.mining.waiting === null ? t.tabTitle.mining : t.tabTitle.paused) : null;
  return [mining, page, 'Tabchain'].filter((part) => part !== null).join(' · ');
}
