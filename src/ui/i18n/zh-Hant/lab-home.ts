import type { enLabHome } from '../en/lab-home.ts';

const how = [
  '把 .zip 檔帶回家解壓縮；手機可以用「檔案」App 打開。',
  '打開 Tabchain：班上的網址如果對外公開就用它，否則用任何一個 Tabchain 頁面。曾經用 https 打開過頁面的裝置，不必上網也能用。',
  '到「資料庫」，把 .sqlite 檔拖到「別人的檔案」。頁面會從創世區塊重播每個區塊，檢查每個簽章和每一列。',
  '同一個檔案可以在那裡用 SQL 查詢，也可以用任何 SQLite 程式：sqlite3 tabchain-class.sqlite "SELECT name, balance FROM accounts"。',
  '到「收據」（#at=/receipt）拖入收據。.zip 裡的文字檔記下了你在課堂上看到的區塊：相信那個 ID，收據就能證明你的餘額。',
  '選「登入」，拖入金鑰檔，再輸入通關密語。兩樣缺一樣，誰也救不回你的帳戶。',
];

/** 帶回家檔案的文字。 */
export const zhHantLabHome: typeof enLabHome = {
  title: '把這堂課帶回家',
  text: '按一下，就把金鑰檔、整條鏈（SQLite 檔）和餘額收據存成一個 .zip 檔，裡面還有一份說明怎麼打開的文字檔。',
  needsAccount: '請先註冊：沒有帳戶，就沒有金鑰可以帶回家。',
  recentOnly: '這台裝置只保留最近的區塊，這樣的檔案沒有人能從創世區塊檢查起；請在別台裝置也存一份。',
  save: '全部存起來帶回家',
  packing: (percent) => `打包中……${percent}%`,
  handed: '瀏覽器收到了這個檔案：',
  confirm: '我在裝置上找到這個檔案了',
  confirmed: '金鑰檔已記為保存完成。',
  howTitle: '回家怎麼打開',
  how,
  readMeName: '怎麼打開.txt',
  readMe: ({ name, label, link, height, id }) =>
    [
      `Tabchain：「${label}」這條鏈，由 ${name} 保存`,
      '',
      `保存時最新的區塊：${height}`,
      `它的 ID：${id}`,
      `班上的網頁：${link}`,
      '',
      ...how.map((step, i) => `${i + 1}. ${step}`),
      '',
    ].join('\r\n'),
};
