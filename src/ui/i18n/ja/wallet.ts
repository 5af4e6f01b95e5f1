import type { enWallet } from '../en/wallet.ts';
import { number } from './numbers.ts';

/** 待っている支払いと手数料の文言。 */
export const jaWallet: typeof enWallet = {
  fees: {
    legend: 'いつまでにブロックに入れたいですか？',
    levels: { next: '次のブロック', soon: '早めに', whenever: 'いつでも' },
    wait: (blocks, time) => {
      const within = blocks === 1 ? '次のブロック' : `${number(blocks)} ブロック以内`;
      return time === null ? `誰かがマイニングを始めてから${within}` : `${within}、約 ${time}`;
    },
    about: (time) => `約 ${time}`,
    nobody: '誰かがマイニングを始めたら',
    waitLabel: '見込み',
    of: (fee) => `手数料 ${fee}`,
  },
  bell: {
    label: (unread) => (unread === 0 ? '出来事' : `出来事：新着 ${number(unread)} 件`),
    title: '最近の出来事',
    empty: '支払い、自分のブロック、再編成がここに表示されます。',
    incoming: (amount, from) => `${from} から ${amount} コインが届く途中です。ブロックを待っています。`,
    replaced: 'あなたの支払いは、新しい内容に置き換わりました。',
  },
  contacts: {
    title: '連絡先',
    lead: 'アカウントにつけるラベルです。このネットワーク用として、この端末に保存されます。他の人には見えません。',
    proposals: '連絡先と名前',
    add: '連絡先に保存',
    rename: '連絡先を編集',
    label: 'ラベル',
    labelHint: (maximum) => `最大 ${maximum} 文字。この端末だけが知っています。`,
    save: '保存',
    remove: '削除',
    pay: '支払う',
    empty: '連絡先はまだありません',
    emptyText: '受取人を入力すると、好きなラベルをつけて保存できます。',
    export: 'ファイルに保存',
    importTitle: '別の端末から',
    file: '連絡先のファイル',
    choose: '連絡先のファイルを選ぶ',
    chooseHint: 'ここにドロップしてもかまいません。この端末にあるラベルは変わりません。',
    added: (n) => (n === 0 ? 'このファイルに新しい連絡先はありません。' : `連絡先を ${number(n)} 件追加しました。`),
  },
  request: {
    title: '金額を指定する',
    text: 'コードとリンクに金額とメモが入るので、支払う人は確認するだけですみます。',
    amount: '請求する金額',
    memo: '用件',
    memoHint: 'リンクを見た人は誰でも読めます。',
    clear: '金額を指定しない',
    wrong: '先に請求の内容を直してください。その後でコードが表示されます。',
  },
  incoming: {
    from: (amount, from) => `${from} から +${amount} が届く途中`,
    several: (amount) => `+${amount} が届く途中`,
  },
  change: {
    open: '手数料の変更・取り消し',
    title: '待っている支払い',
    what: (amount, to) => `${to} へ ${amount} コイン`,
    now: (fee, wait) => `手数料は ${fee}、見込みは${wait}です。`,
    choice: 'どうしますか？',
    raise: '手数料を上げる',
    raiseText: '同じ支払いが、高い手数料で早く届きます。',
    cancel: '支払いを取り消す',
    cancelText: '自分宛ての支払いに置き換えます。失うのは新しい手数料だけです。',
    fee: '新しい手数料',
    feeHint: (minimum) => `最低 ${minimum} です。`,
    then: (wait) => `見込みは${wait}です。`,
    race: 'ブロックに入るのは 2 つのうち 1 つだけです。変更を知らないマイナーが、前の支払いを選ぶこともあります。',
    submitRaise: '手数料を上げる',
    submitCancel: '支払いを取り消す',
    keep: 'このままにする',
    gone: 'この支払いは、もう待っていません。',
    raised: '手数料を上げました。支払いは新しい ID で続きます。',
    cancelled: '支払いを取り消しています。取り消しがブロックに入ると確定します。',
  },
};
