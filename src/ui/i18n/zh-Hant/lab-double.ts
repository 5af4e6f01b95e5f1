import type { enLabDouble } from '../en/lab-double.ts';
import { number } from './numbers.ts';

/** 雙重支付實驗的文字。 */
export const zhHantLabDouble: typeof enLabDouble = {
  lab: {
    title: '雙重支付：一枚幣，兩家店',
    goal: '先付款給一個人，切斷連線後把同一筆幣付給另一個人，看看鏈上留下哪一筆。',
    steps: {
      linked: '連到一個正在挖礦的分頁；自己要有幣，也要有可以付款的對象。',
      pay: '付款給一個人，趁區塊還沒收進去，立刻切斷所有連線。',
      again: '在斷線的這一邊，把同一筆幣付給另一個人，或付給自己。',
      mine: '自己挖到一個區塊。在你這邊，第二筆付款已經進了區塊。',
      back: '重新連線。',
      settled: '等到所有分頁一致：兩筆付款只剩下一筆。',
      deep: '等到留下的付款有三個確認。',
    },
    watch: '兩筆付款的序號相同。規則規定帳戶的每個序號只能用一次，所以一個分支只會有其中一筆，絕不會兩筆都有。由工作量較多的分支決定。',
    questions: [
      '最後誰拿到商品？誰拿到幣？',
      '兩筆付款的簽章都正確，是哪一條規則拒絕了其中一筆？',
      '為什麼等三個區塊的商店比較少吃虧？',
      '在真正的區塊鏈上，付款的人要怎樣才能把幣拿回來？',
    ],
  },
  bench: {
    title: '你的兩筆付款',
    needsAccount: '要有帳戶和幣才能付款，請先註冊。',
    needsSomebody: '這條鏈上還沒有別人的名字。請用另一個瀏覽器或無痕視窗註冊第二個帳戶。',
    first: '付款給',
    second: '同一筆幣付給',
    amount: '幣數',
    yourself: '自己',
    payAndCut: '付款並切斷所有連線',
    again: '把同一筆幣再付一次',
    againText: '別人已經收到這筆付款，而這個分頁已經斷線，沒有人看得到你接下來做什麼。',
    mineText: '你這邊現在只知道第二筆付款。挖一個區塊把它收進去，再重新連線。',
    tooLate: '切斷連線之前，區塊已經收進這筆付款。序號用掉了，沒有辦法取代，請再付一次。',
    linkFirst: '請先重新連線。',
    both: '兩筆付款的下場',
    to: (name, coins) => `付給 ${name} ${coins} 幣`,
    number: (nonce) => `付款序號 ${nonce}`,
    waits: '等待進入區塊',
    inBlock: (height, deep) => `在區塊 ${height}，${number(deep)} 個確認`,
    gone: '沒有發生',
    onlyHere: '這只是你這一邊的版本。別人看到的是第一筆，完全不知道第二筆。',
    here: '大家一致之後，這就是你和其他分頁共同的版本。',
    result: (name, coins, isFirst) =>
      isFirst
        ? `${name} 收到 ${coins} 幣。別人的分支工作量較多，所以第一筆付款算數。`
        : `${name} 收到 ${coins} 幣。你的分支工作量較多，所以第一筆付款在所有地方都消失了。`,
    lostBlock: (height, id) => `區塊 ${height}（${id}）收了另一筆付款，現在已經不算數。`,
  },
};
