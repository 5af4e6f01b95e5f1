import type { enForm } from '../en/form.ts';

/** 網頁本身的文字：版本、快速鍵、入門步驟。 */
export const zhHantForm: typeof enForm = {
  newerPage: {
    outdated: (kept) =>
      `這個分頁的版本比這個網路舊，已經無法連線。${kept ? '請重新載入；你的帳戶會留在這個瀏覽器裡。' : '瀏覽器不讓這個網頁儲存資料，請先保存金鑰檔，再重新載入。'}`,
    reload: '重新載入',
    text: (kept) =>
      kept
        ? '這個網頁有新版本了。方便的時候重新載入就好：帳戶、區塊鏈和挖礦都會保留。'
        : '這個網頁有新版本了。瀏覽器不讓這個網頁儲存資料，請先保存金鑰檔，再重新載入。',
    later: '稍後再說',
  },
  shortcuts: {
    title: '鍵盤快速鍵',
    search: '搜尋',
    mine: '開始或停止挖礦',
    help: '顯示這張表',
    then: '再按',
    on: '在這個網頁使用快速鍵',
    mineOn: '已開始挖礦。',
    mineOff: '已停止挖礦。',
  },
  firstSteps: {
    title: '新手四步',
    lead: '花一分鐘動手做，就知道區塊鏈在做什麼。',
    skip: '略過',
    close: '完成',
    again: '再看一次新手四步',
    progress: (done, all) => `完成 ${done}／${all}`,
    isDone: '已完成：',
    steps: {
      name: {
        title: '取一個名字',
        text: '分頁會替你產生一對金鑰；名字寫進區塊後，就是你的了。',
        action: '取名字',
      },
      mine: {
        title: '挖到一個區塊',
        text: '分頁會一直換數字，直到區塊的雜湊夠小；先找到的人得到獎勵。',
        action: '挖一個區塊',
      },
      pay: {
        title: '付錢給別人',
        text: '輸入鄰座同學的名字。你的金鑰會簽章，每個分頁都會驗證這個簽章。',
        action: '付一筆錢',
      },
      see: {
        title: '在資料庫裡看到它',
        text: '整條鏈就在你的分頁裡，存成一張張資料表。用 SQL 找出你的付款。',
        action: '查詢資料庫',
      },
    },
    waiting: {
      name: '你的名字正在等著寫進區塊。',
      mine: '分頁正在找…',
      pay: '這筆付款正在等下一個區塊。',
    },
    finished: '就是這些：一對金鑰、一個區塊、一筆簽過章的付款，還有一份自己的完整紀錄。',
  },
};
