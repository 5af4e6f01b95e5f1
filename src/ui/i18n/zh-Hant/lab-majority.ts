import type { enLabMajority } from '../en/lab-majority.ts';
import { number } from './numbers.ts';

const blocks = (n: number): string => `${number(n)} 個區塊`;

/** 51 % 實驗的文字。 */
export const zhHantLabMajority: typeof enLabMajority = {
  lab: {
    title: '51 %：改寫過去',
    goal: '偷偷挖一個分支和其他人比賽，試著換掉大家已經有的區塊，再和理論機率比較。',
    steps: {
      linked: '連到一個正在挖礦的分頁。一組人攻擊，其他人繼續挖。',
      cut: '選好要改寫幾個區塊，然後加入一隊；想單獨攻擊就切斷所有連線。',
      mine: '偷偷挖到至少同樣多的區塊。',
      back: '覺得自己領先的時候，公開分支，或重新連線。',
      settled: '看看大家留下哪一個分支。',
      again: '換一個區塊數或執行緒數，再試一次。',
    },
    watch: '要換掉一個區塊，工作量必須超過它和後面所有區塊的總和。每多一個區塊，就更不容易，但永遠不是不可能。',
    questions: [
      '贏的人挖了幾個區塊？佔多少工作量？',
      '佔到多少比例，攻擊最後一定會成功？',
      '如果有一個礦工佔三分之一的算力，商店該等幾個區塊？',
      '攻擊者能改變什麼？什麼永遠做不到？想想簽章。',
    ],
  },
  bench: {
    title: '你的攻擊',
    depth: '要改寫幾個區塊',
    blocks,
    mined: (n, height) => `從區塊 ${height} 起偷偷挖了 ${blocks(n)}。其他人挖到哪裡，只有他們知道。`,
    undecided: '正在比較兩個分支。如果工作量相同，就由下一個區塊決定。',
    attempts: '你的嘗試',
    nothing: '其他人一個區塊也沒挖，沒有東西可以改寫。',
    won: (theirs, own) => `成功：你的 ${blocks(own)}換掉了其他人的 ${blocks(theirs)}。`,
    lost: (own, theirs) => `失敗：你的 ${blocks(own)}比不過其他人的 ${blocks(theirs)}。`,
    wonUnseen: (own) => `成功：大家都採用了你們隊的 ${blocks(own)}。隊裡另一個分頁先回來，它知道換掉了幾個區塊。`,
    lostUnseen: (own) => `失敗：你們隊的 ${blocks(own)}不算數了。`,
    measured: (share) => `你佔的工作量是 ${share}。`,
    expected: (depth, chance) => `用這個比例改寫 ${blocks(depth)}的機率是 ${chance}。`,
    chances: '機率',
    byRates: (share) => `依算力，你現在佔 ${share}。`,
    byWork: (share) => `依所有嘗試的工作量，你佔 ${share}。`,
    example: (share) => `舉例：一組人佔全部算力的 ${share}。你斷線挖礦時，這裡會顯示你自己的比例。`,
    columns: { blocks: '要改寫', exact: '機率', nakamoto: '中本聰 2008 年的公式' },
    note: '公式假設攻擊者可以一直挖下去，所以太早回來的人比較少贏。公式以難度相同的區塊計算，網路比的則是工作量。',
  },
  team: {
    title: '組隊攻擊',
    text: '同一隊的人輸入同樣的隊名。這些分頁就會離開網路，只彼此連線，一起挖一個秘密分支。',
    name: '隊名',
    join: '加入這一隊',
    you: '你：',
    together: (tabs, rate) => `${number(tabs)} 個分頁，合計 ${rate}。`,
    inside: '網路上其他人看不到你們的區塊。猜到隊名的人也能進來。只要有一個分頁公開分支、結束實驗或重新載入，分支就公開了。',
    back: (depth, height) => `這是實驗：有一隊帶回秘密分支，換掉了 ${number(depth)} 個區塊，目前高度 ${number(height)}。`,
    now: (tabs) =>
      `你在秘密隊伍裡，${tabs === 0 ? '隊上還沒有其他分頁' : `只和隊上 ${number(tabs)} 個分頁連線`}。到實驗室或網路頁可以回到網路。`,
    pill: '秘密隊伍',
  },
};
