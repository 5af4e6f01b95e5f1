import type { enMining } from '../en/mining.ts';

/** 挖礦狀態的文字。 */
export const zhHantMining: typeof enMining = {
  miningPause: {
    syncing: '區塊鏈同步完成後就會開始挖礦。',
    checking: '裝置剛睡醒或換了網路，先向其他分頁確認最新區塊，確認後會自動繼續挖礦。',
    stalled: '挖礦停住了：瀏覽器沒有執行挖礦執行緒，正在重新啟動。',
  },
};
