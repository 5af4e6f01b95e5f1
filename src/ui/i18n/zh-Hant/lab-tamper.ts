import type { enLabTamper } from '../en/lab-tamper.ts';
import { number } from './numbers.ts';

/** 竄改實驗的文字。 */
export const zhHantLabTamper: typeof enLabTamper = {
  lab: {
    title: '竄改：對網路說謊',
    goal: '在資料庫的副本裡多給自己一些幣，把結果拿給真的分頁看，讀讀他們依哪條規則拒絕。',
    steps: {
      linked: '至少連到一個其他分頁。',
      balance: '在副本裡寫上別的餘額。',
      offer: '向其他分頁提出一筆這個金額的付款。',
      old: '改掉一筆舊付款的金額，再提出去。',
      repair: '丟掉副本，並證明真正的餘額。',
      agree: '確認所有分頁的最新區塊仍然相同。',
    },
    watch: '沒有人管你的資料庫寫什麼。每個分頁都拿你提出的東西和自己的資料庫比，並回答最先違反的規則。',
    questions: [
      '哪條規則拒絕了你多出來的幣？其他分頁比對了什麼？',
      '為什麼用三種方式改舊金額，會違反三條不同的規則？',
      '要讓你的謊話成真，大多數分頁得怎麼樣？',
    ],
  },
  bench: {
    copyTitle: '你改過的副本',
    memory: '副本只在記憶體裡。提出的是真的訊息，並註明是實驗：別人的頁面會顯示你的名字和規則。沒有人會收下，也沒有人會被怪罪。',
    database: '你的資料庫寫著',
    copy: '你的副本寫著',
    newBalance: '副本裡的餘額',
    alter: '寫進副本',
    offer: (coins) => `提出一筆 ${coins} 幣的付款`,
    toYourself: '這筆付款真的由你的金鑰簽章。收款人是你自己，所以就算你以後真有這麼多幣，也沒有人能拿它來害你。',
    needsAccount: '這個實驗需要帳戶，請先註冊。',
    resultBalance: '大家對這些幣的回答',
    records: {
      offer: (coins, real, codes) => `你提出 ${coins} 幣，別人的資料庫裡是 ${real}。回答：${codes}。`,
      old: (how, height, codes) => `改掉區塊 ${number(height)} 的一筆付款。${how}：${codes}。`,
    },
    oldTitle: '改掉舊付款的金額',
    noPayments: '鏈上還沒有付款，請先付一筆。',
    payment: '要改的付款',
    paymentOf: (from, to, coins, height) => `${from} → ${to}：${coins}（區塊 ${number(height)}）`,
    newAmount: '新的金額',
    how: '怎麼提出',
    hows: {
      signature: '當成一筆付款，附上原本的簽章',
      block: '放在原本的區塊裡，標頭不改',
      root: '放在原本的區塊裡，標頭換上新的交易根',
    },
    offerOld: '提出改過的付款',
    repairTitle: '修復',
    repairText: '丟掉副本。你的節點會拿最新區塊，證明資料庫裡的餘額。',
    repair: '丟掉副本',
    proven: (coins, height) => `你的餘額是 ${coins}，由區塊 ${number(height)} 的狀態根證明。`,
    refused: (refusals, answers) => (answers === 0 ? '沒有分頁回答。' : `${number(answers)} 個分頁裡有 ${number(refusals)} 個拒絕。`),
    sent: (kind, bytes) => `送出了${kind === 'block' ? '一個區塊' : '一筆交易'}（${number(bytes)} 位元組）：`,
    ownNode: '你自己的節點',
    peer: (id) => `分頁 ${id}`,
    noBreach: '沒有發現違反規則。',
    silent: (n) => `${number(n)} 個分頁沒有及時回答，可能還在同步。`,
    others: (n) => `${number(n)} 個分頁的版本較舊，不認得實驗，所以沒有送給它們。`,
    nobody: '請先連到其他分頁再試。',
  },
  seen: (who, kind, refusal) =>
    `${who} 正在做實驗，提出了無效的${kind === 'block' ? '區塊' : '交易'}。${refusal === null ? '你的節點沒有發現違反規則。' : `你的節點拒絕了：${refusal}`}`,
};
