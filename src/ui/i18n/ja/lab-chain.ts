import type { enLabChain } from '../en/lab-chain.ts';
import { number } from './numbers.ts';

/** チェーンの実験の文言。 */
export const jaLabChain: typeof enLabChain = {
  lab: {
    title: 'チェーン：過去を書き換える',
    goal: '自分のチェーンのコピーで古いブロックを書き換え、どのブロックが壊れ、偽造者が何をマイニングし直すことになるかを見ます。',
    steps: {
      alter: '古いブロックを選び、項目か金額を書き換える。',
      next: 'ID が変わるように書き換える：次のブロックがつながらなくなる。',
      relink: '偽造者のようにつながりを直し、後のブロックの封を見る。',
      undo: 'すべてを元に戻し、すべての規則が守られた状態にする。',
      real: '本物のチェーンを開く：何も変わっていない。',
    },
    watch:
      '金額は取引ルートの下にあり、ルートはヘッダーにあり、ヘッダーから ID ができ、次のブロックがその ID を含みます。だから 1 つの変更が、最新のブロックまで伝わります。',
    questions: [
      'どのブロックで、どの規則が最初に変更に気づいたでしょうか。',
      'つながりは簡単に直せるのに、封は直せないのはなぜでしょうか。',
      'どれだけの作業が必要で、その間に他の人は何をするでしょうか。',
    ],
  },
  bench: {
    title: '自分のチェーンのコピー',
    memory: 'コピーはメモリー上にだけあります。保存されたチェーンは変わらず、何も送信されません。',
    block: (tip) => `ブロック（1～${number(tip)}）`,
    blockInvalid: (tip) => `ブロックの高さを 1～${number(tip)} の数で入力してください。`,
    relink: '偽造者のように、後のすべてのブロックのつながりを直す',
    undo: '変更を元に戻す',
    resultTitle: 'ノードの判定',
    allHold: 'すべての規則が守られています。',
    fall: (refused, all) =>
      all === 0
        ? 'ノードは書き換えられたブロックを拒否します。'
        : `ノードは、後の ${number(all)} ブロックのうち ${number(refused)} ブロックを拒否します。`,
    blockName: (height) => `ブロック ${number(height)}`,
    luck: '偶然、すべての規則が守られました。新しいハッシュが十分小さいためです。',
    not: (rule) => `破られた規則：「${rule}」。`,
    newId: (before, after) => `ID は ${before} から ${after} に変わりました。`,
    previousWrong: (named, actual) => `${named} を示していますが、前のブロックは ${actual} になりました。`,
    sealWrong: (id) => `ID は ${id} になり、ターゲットを超えています。封が壊れました。`,
    historyWrong: (height) => `履歴ルートは、まだ古いブロック ${number(height)} のものです。`,
    holds: (height) => `ブロック ${number(height)} は規則を守っています。`,
    more: (more, refused) => `残りの ${number(more)} ブロックも同じように検証します。全部で ${number(refused)} ブロックが拒否されます。`,
    records: {
      alter: (height, code) => `書き換えたブロック ${number(height)} で、最初に破られた規則：${code}。`,
      next: (height, before, after) =>
        `ID は ${before} から ${after} に変わりました。ブロック ${number(height)} は、まだ ${before} を示しています：previous-wrong。`,
      relink: (refused, all, hashes, time) =>
        `つながりを直すと、後の ${number(all)} ブロックのうち ${number(refused)} ブロックに封がありませんでした。すべての封をし直すには約 ${hashes} ハッシュ、ネットワーク全体で ${time}かかります。`,
    },
    workTitle: '偽造者がしなければならないこと',
    toMine: '封をし直すブロック',
    blocks: (n) => `${number(n)} ブロック`,
    hashes: '平均のハッシュ数',
    time: 'ネットワーク全体の速さでかかる時間',
    unknown: '不明：チェーンが新しすぎます',
    meanwhile: 'その間も他の全員がマイニングを続け、チェーンは伸びます。確実に追いつくには、全ハッシュレートの半分より多くが必要です。',
  },
};
