import type { enLabChain } from '../en/lab-chain.ts';
import { number } from './numbers.ts';

/** 鏈實驗的文字。 */
export const zhHantLabChain: typeof enLabChain = {
  lab: {
    title: '鏈：竄改過去',
    goal: '在自己這條鏈的副本裡改一個舊區塊，看看哪些區塊會壞掉，偽造的人又得重挖多少。',
    steps: {
      alter: '選一個舊區塊，改掉一個欄位或一筆金額。',
      next: '改到區塊的 ID 也變了：下一個區塊就接不上了。',
      relink: '像偽造的人那樣補好連結，看看後面區塊的封印。',
      undo: '全部還原，讓所有規則再次成立。',
      real: '打開真正的鏈看看：那裡什麼都沒變。',
    },
    watch: '金額算進交易根，交易根寫在標頭裡，標頭決定 ID，下一個區塊又寫著這個 ID。所以改一處，會一路影響到最新的區塊。',
    questions: ['最先發現你竄改的是哪條規則？在哪個區塊？', '為什麼連結容易補，封印卻很難？', '要花多少工作量？這段時間其他人在做什麼？'],
  },
  bench: {
    title: '你這條鏈的副本',
    memory: '副本只在記憶體裡；儲存的鏈不會變，也不會送出任何東西。',
    block: (tip) => `區塊（1 到 ${number(tip)}）`,
    blockInvalid: (tip) => `請輸入 1 到 ${number(tip)} 的區塊高度。`,
    relink: '像偽造的人那樣，補好後面所有區塊的連結',
    undo: '還原',
    records: {
      alter: (height, code) => `改過的區塊 ${number(height)} 最先違反的規則：${code}。`,
      next: (height, before, after) => `ID 由 ${before} 變成 ${after}；區塊 ${number(height)} 仍寫著 ${before}：previous-wrong。`,
      relink: (refused, all, hashes, time) =>
        `補好連結後，後面 ${number(all)} 個區塊裡有 ${number(refused)} 個沒有封印。全部重新封印約要 ${hashes} 次雜湊，整個網路要算${time}。`,
    },
    resultTitle: '節點檢查的結果',
    allHold: '所有規則都成立。',
    fall: (refused, all) => (all === 0 ? '節點會拒絕改過的區塊。' : `後面 ${number(all)} 個區塊裡，節點會拒絕 ${number(refused)} 個。`),
    blockName: (height) => `區塊 ${number(height)}`,
    luck: '運氣好，新的雜湊夠低，所有規則都成立。',
    not: (rule) => `不成立：「${rule}」。`,
    newId: (before, after) => `ID 原本是 ${before}，現在變成 ${after}。`,
    previousWrong: (named, actual) => `它寫著前一個是 ${named}，但前一個現在是 ${actual}。`,
    sealWrong: (id) => `ID 變成 ${id}，高於目標值：封印壞了。`,
    historyWrong: (height) => `它的歷史根代表的仍是舊的區塊 ${number(height)}。`,
    holds: (height) => `區塊 ${number(height)} 符合規則。`,
    more: (more, refused) => `另外 ${number(more)} 個區塊也同樣檢查過；總共拒絕 ${number(refused)} 個。`,
    workTitle: '偽造的人要做多少',
    toMine: '要重新封印的區塊',
    blocks: (n) => `${number(n)} 個`,
    hashes: '平均要算的雜湊',
    time: '以整個網路的算力',
    unknown: '不知道：這條鏈還太新',
    meanwhile: '這段時間其他人繼續挖，他們的鏈愈來愈長。偽造的人要有超過一半的算力，才一定追得上。',
  },
};
