import type { enNetwork } from '../en/network.ts';
import { number } from './numbers.ts';

/** 網路頁圖表的文字。 */
export const zhHantNetwork: typeof enNetwork = {
  map: {
    title: '網路地圖',
    label: (linked) => `地圖：這個分頁和 ${number(linked)} 個與它連線的分頁。用方向鍵在分頁之間移動。`,
    fullScreen: '全螢幕',
    you: '你',
    thisTab: '這個分頁',
    tab: (id) => `分頁 ${id}`,
    factGap: '，',
    milliseconds: (n) => `${number(n)} 毫秒`,
    stranger: '經由其他分頁得知',
    strangerText: '這個分頁沒有和它連線，是其他分頁說有連到它。',
    summary: (linked, others) =>
      linked === 0
        ? '還沒連上其他分頁。'
        : `已和 ${number(linked)} 個分頁連線${others === 0 ? '。' : `，並從它們得知另外 ${number(others)} 個分頁。`}`,
    unready: (n) => `另外 ${number(n)} 個分頁正在連線，或沒有回應。`,
    hidden: (n) => `另外還有 ${number(n)} 個已知的分頁，地圖放不下。`,
    hint: '把滑鼠移到分頁上，或點選分頁，就能看到它的資料。',
    peerId: '識別碼',
    met: '怎麼認識的',
    meetings: { server: '經由信令伺服器', browser: '在同一個瀏覽器裡', peers: '由其他分頁介紹', hand: '手動連線' },
    standing: { agrees: '同一條鏈', differs: '在別的分支，或比較新', unknown: '還不知道是哪條鏈' },
    keeps: '保存的區塊',
    whole: '整條鏈',
    recent: (base) => `高度 ${number(base)} 之後`,
    links: '連線數',
    through: '從誰得知',
    program: '程式',
    servers: '信令伺服器',
    legend: {
      agrees: '和你在同一條鏈',
      differs: '在別的分支，或比較新',
      unknown: '還不知道',
      length: '離你越遠，延遲越長。',
    },
    ways: {
      offline: '這個分頁已切斷連線。重新連線之前，沒有分頁找得到它。',
      server: '新分頁會經由信令伺服器找到這裡。就算伺服器停了，已連線的分頁也會介紹新分頁。',
      peers: '信令伺服器都連不上。已連線的分頁照常運作，也會互相介紹新分頁；同一個瀏覽器的分頁也能找到彼此。',
      'none-reached': '信令伺服器都連不上，也還沒有連上任何分頁。同一個瀏覽器的分頁仍然能找到彼此。',
      'no-server': '這個網頁沒有信令伺服器。已連線的分頁會介紹新分頁，同一個瀏覽器的分頁也能找到彼此。',
      'no-server-alone': '這個網頁沒有信令伺服器。同一個瀏覽器的分頁能找到彼此。',
    },
  },
  invite: {
    needs: '新加入的人只需要一個能載入這個網頁一次的瀏覽器。只要連上任何一個分頁，那個分頁就會把它介紹給其他分頁。',
  },
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
  },
};
