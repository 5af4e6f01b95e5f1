import { isNotice, type Notice } from '../../util/notice.ts';

/**
 * Whether this browser can show notifications of the system: `unavailable` on plain http and in some browsers, `default` before the person was
 * asked, `denied` where the browser refuses without asking again.
 */
export type NoticePermission = NotificationPermission | 'unavailable';

/** Undefined on plain http, and on iPhones unless the page is installed, although the types say otherwise. */
const offered = (): typeof Notification | undefined => (globalThis as { Notification?: typeof Notification }).Notification;

/** Undefined on plain http, although the types say otherwise. */
const container = (): ServiceWorkerContainer | undefined => navigator.serviceWorker as ServiceWorkerContainer | undefined;

export function noticePermission(): NoticePermission {
  return offered()?.permission ?? 'unavailable';
}

/** Asks the person, once; call on a click. @returns the answer, or the answer of an earlier time */
export async function askForNotices(): Promise<NoticePermission> {
  return (await offered()?.requestPermission()) ?? 'unavailable';
}

/** Shows a notification, if the person has allowed that. @param open goes to the details, after a click */
export async function showNotice(notice: Notice, open: () => void): Promise<void> {
  if (noticePermission() !== 'granted') return;
  // Phones show notifications of service workers alone. A page without one (private windows) can only try.
  const worker = (await container()?.getRegistration())?.active;
  if (worker) return worker.postMessage(notice);
  const { title, at: _at, url: _url, ...options } = notice;
  const notification = new Notification(title, options);
  notification.addEventListener('click', () => {
    notification.close();
    window.focus();
    open();
  });
}

/** Follows clicks on notifications that the service worker shows for this page, until the returned function is called. */
export function followClicks(go: (at: string) => void): () => void {
  const worker = container();
  const follow = ({ data }: MessageEvent<unknown>): void => {
    if (isNotice(data)) go(data.at);
  };
  worker?.addEventListener('message', follow);
  return () => worker?.removeEventListener('message', follow);
}
