import type { enWallet } from '../en/wallet.ts';
import { number } from './numbers.ts';

/** 等待中的付款與手續費。 */
export const zhHantWallet: typeof enWallet = {
  fees: {
    legend: '希望多快打包進區塊？',
    levels: { next: '下一個區塊', soon: '快一點就好', whenever: '慢慢來' },
    wait: (blocks, time) => {
      const within = blocks === 1 ? '下一個區塊' : `${number(blocks)} 個區塊內`;
      return time === null ? `有人挖礦後的${within}` : `${within}，約 ${time}`;
    },
    about: (time) => `約 ${time}`,
    nobody: '等有人挖礦',
    waitLabel: '預計',
    of: (fee) => `手續費 ${fee}`,
  },
  bell: {
    label: (unread) => (unread === 0 ? '最近的事件' : `最近的事件：${number(unread)} 則新的`),
    title: '最近的事件',
    empty: '付款、你挖到的區塊和鏈的重組都會出現在這裡。',
    incoming: (amount, from) => `${from} 付給你 ${amount} 幣，等待打包。`,
    replaced: '你的付款已由修改後的版本取代。',
  },
  contacts: {
    title: '聯絡人',
    lead: '你給帳戶取的標籤，只存在這台裝置、只用於這個網路，別人看不到。',
    proposals: '聯絡人與名稱',
    add: '存成聯絡人',
    rename: '編輯聯絡人',
    label: '標籤',
    labelHint: (maximum) => `最多 ${maximum} 個字，只有這台裝置知道。`,
    save: '儲存',
    remove: '刪除',
    pay: '付款',
    empty: '還沒有聯絡人',
    emptyText: '填寫收款人時，可以把對方的帳戶存成自訂的標籤。',
    export: '存成檔案',
    importTitle: '從其他裝置匯入',
    file: '聯絡人檔案',
    choose: '選擇聯絡人檔案',
    chooseHint: '或拖曳到這裡。這台裝置已有的標籤不會改變。',
    added: (n) => (n === 0 ? '檔案裡沒有新的聯絡人。' : `已加入 ${number(n)} 位聯絡人。`),
  },
  request: {
    title: '指定金額',
    text: '條碼和連結會帶著金額與備註，付款的人只要核對就好。',
    amount: '要收的金額',
    memo: '用途',
    memoHint: '看得到連結的人都能讀。',
    clear: '不指定金額',
    wrong: '請先修正內容，條碼才會出現。',
  },
  incoming: {
    from: (amount, from) => `${from} 付的 +${amount} 正在路上`,
    several: (amount) => `+${amount} 正在路上`,
  },
  change: {
    open: '改手續費或取消',
    title: '等待中的付款',
    what: (amount, to) => `付 ${amount} 幣給 ${to}`,
    now: (fee, wait) => `手續費 ${fee}，預計：${wait}。`,
    choice: '你想怎麼做？',
    raise: '提高手續費',
    raiseText: '付款內容不變，手續費提高就能早一點打包。',
    cancel: '取消這筆付款',
    cancelText: '改成付給自己的一筆交易取代它，只會花掉新的手續費。',
    fee: '新的手續費',
    feeHint: (minimum) => `至少 ${minimum}。`,
    then: (wait) => `預計：${wait}。`,
    race: '兩筆只有一筆能進區塊。還沒收到修改的礦工，仍可能打包原來那一筆。',
    submitRaise: '提高手續費',
    submitCancel: '取消這筆付款',
    keep: '維持原樣',
    gone: '這筆付款已經不在等待中。',
    raised: '手續費已提高，這筆付款有了新的編號。',
    cancelled: '正在取消。取消的交易打包進區塊後才算確定。',
  },
};
