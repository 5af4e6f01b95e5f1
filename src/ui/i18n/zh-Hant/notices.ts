import type { enNotices } from '../en/notices.ts';

/** 關於系統通知的文字。 */
export const zhHantNotices: typeof enNotices = {
  notices: {
    title: '通知',
    choice: '我在看別的畫面時，收到付款就通知我',
    text: '通知由瀏覽器顯示；這個分頁要開著才會有。',
    denied: '瀏覽器封鎖了這個網頁的通知。請先在瀏覽器的網站設定裡允許，再回來勾選。',
    unavailable: '這個瀏覽器在這裡不提供通知。多數瀏覽器只在 https 和 localhost 提供；iPhone 要先把網頁加到主畫面。',
  },
};
