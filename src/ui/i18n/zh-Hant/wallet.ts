import type { enWallet } from '../en/wallet.ts';

const number = new Intl.NumberFormat('zh-TW');

/** 等待中的付款與手續費。 */
export const zhHantWallet: typeof enWallet = {
  fees: {
    legend: '希望多快打包進區塊？',
    levels: { next: '下一個區塊', soon: '快一點就好', whenever: '慢慢來' },
    wait: (blocks, time) => {
      const within = blocks === 1 ? '下一個區塊' : `${number.format(blocks)} 個區塊內`;
      return time === null ? `有人挖礦後的${within}` : `${within}，約 ${time}`;
    },
    about: (time) => `約 ${time}`,
    nobody: '等有人挖礦',
    waitLabel: '預計',
    of: (fee) => `手續費 ${fee}`,
  },
  bell: {
    label: (unread) => (unread === 0 ? '最近的事件' : `最近的事件：${number.format(unread)} 則新的`),
    title: '最近的事件',
    empty: '付款、你挖到的區塊和鏈的重組都會出現在這裡。',
    incoming: (amount, from) => `${from} 付給你 ${amount} 幣，等待打包。`,
    replaced: '你的付款已由修改後的版本取代。',
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
