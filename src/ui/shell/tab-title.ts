import type { Status } from '../../api/api.ts';
import type { Messages } from '../i18n/en/messages.ts';

/** The title of the browser's tab: shows whether this tab mines, also while another tab is in front. */
export function tabTitle(status: Status | null, t: Messages): string {
  if (!status?.mining.on) return 'Tabchain';
  return `${status.mining.waiting === null ? t.tabTitle.mining : t.tabTitle.paused} · Tabchain`;
}
