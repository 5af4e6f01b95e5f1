import type { enMining } from '../en/mining.ts';

/** 挖礦狀態的文字。 */
export const zhHantMining: typeof enMining = {
  tabTitle: { mining: '⛏ 挖礦中', paused: '⏸ 挖礦暫停' },
  miningPause: {
    'no-account': '挖礦已開啟，正在等節點準備好。',
    'not-open': '時間到了會自動開始挖礦。',
    clock: '挖礦暫停：依這台裝置的時鐘，最新區塊的時間還沒到。',
    syncing: '區塊鏈同步完成後就會開始挖礦。',
    checking: '裝置剛睡醒或換了網路，先向其他分頁確認最新區塊，確認後會自動繼續挖礦。',
    stalled: '挖礦停住了：瀏覽器沒有執行挖礦執行緒，正在重新啟動。',
  },
};
