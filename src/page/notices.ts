import { isNotice, type Notice } from '../util/notice.ts';

/** The parts of a service worker's globals that are used here. */
export interface NoticeBoard {
  readonly clients: {
    get(id: string): Promise<Pick<WindowClient, 'focus' | 'postMessage'> | undefined>;
    openWindow(url: string): Promise<unknown>;
  };
  readonly registration: Pick<ServiceWorkerRegistration, 'showNotification'>;
}

interface Shown {
  readonly client: string;
  readonly notice: Notice;
}

/** Shows the notice that a page asks for; other messages do nothing. @param client id of the page */
export async function postNotice({ registration }: NoticeBoard, message: unknown, client: string): Promise<void> {
  if (!isNotice(message)) return;
  const { title, body, tag, lang, icon } = message;
  const data: Shown = { client, notice: message };
  await registration.showNotification(title, { body, tag, lang, icon, data });
}

/** After a click: brings the page that asked to the front, and sends it to the details. Opens a new tab if that page is closed. */
export async function followNotice({ clients }: NoticeBoard, data: unknown): Promise<void> {
  const { client, notice } = (data ?? {}) as Partial<Shown>;
  if (client === undefined || !isNotice(notice)) return;
  const page = await clients.get(client);
  if (!page) return void (await clients.openWindow(notice.url));
  page.postMessage(notice);
  await page.focus();
}
