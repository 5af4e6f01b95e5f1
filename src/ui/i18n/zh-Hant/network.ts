import type { enNetwork } from '../en/network.ts';

/** 網路頁圖表的文字。 */
export const zhHantNetwork: typeof enNetwork = {
  traffic: {
    title: '傳輸的資料量',
    whose: '哪個分頁的資料',
    everyTab: '所有分頁',
    label: (received, sent) => `最近十分鐘的資料量。目前收到${received}，送出${sent}。`,
    minutesAgo: (minutes) => `−${minutes} 分`,
    ago: (time) => `${time}前`,
    now: '現在',
    since: '開啟這個頁面以來的總量，不含瀏覽器和網路本身多加的資料。',
    onePeer: '與這個分頁目前這條連線的總量。',
    failed: '這個網頁的伺服器沒有回應，無法載入圖表。總量請看下面的表格。',
  },
};
