import type { enLabTamper } from '../en/lab-tamper.ts';
import { number } from './numbers.ts';

/** 改ざんの実験の文言。 */
export const jaLabTamper: typeof enLabTamper = {
  lab: {
    title: '改ざん：ネットワークにうそをつく',
    goal: 'データベースのコピーで自分にコインを与え、本物のタブに差し出して、どの規則で拒否されるかを読みます。',
    steps: {
      linked: '別のタブと、最低 1 つつながる。',
      balance: 'コピーに、自分の別の残高を書き込む。',
      offer: 'その残高の支払いを、他のタブに差し出す。',
      old: '古い支払いの金額を書き換えて、差し出す。',
      repair: 'コピーを捨てて、本当の残高を証明させる。',
      agree: 'すべてのタブの最新のブロックが、まだ同じであることを見る。',
    },
    watch:
      'あなたのデータベースの内容を尋ねる人はいません。どのタブも、差し出されたものを自分のデータベースと比べ、最初に破られた規則を答えます。',
    questions: [
      'あなたのコインを拒否したのはどの規則で、他のタブは何と比べたでしょうか。',
      '古い金額を書き換える 3 つの方法が、3 つの違う規則を破るのはなぜでしょうか。',
      'うそが通るには、ほとんどのタブがどうでなければならないでしょうか。',
    ],
  },
  bench: {
    copyTitle: '書き換えたコピー',
    memory:
      'コピーはメモリー上にだけあります。差し出すのは、実験の印がついた本物のメッセージで、相手のページには、あなたの名前と規則が表示されます。受け入れるタブも、あなたを責めるタブもありません。',
    database: 'データベースの残高',
    copy: 'コピーの残高',
    newBalance: 'コピーに書く残高',
    alter: 'コピーに書き込む',
    offer: (coins) => `${coins} コインの支払いを差し出す`,
    toYourself: 'あなたの鍵が、この支払いに本当に署名します。自分宛てなので、後でコインが増えても、誰かに悪用されることはありません。',
    needsAccount: 'この実験にはアカウントが必要です。先に登録してください。',
    resultBalance: 'コインへの返事',
    records: {
      offer: (coins, real, codes) => `${coins} コインを差し出しました。他のデータベースでは ${real} です。返事：${codes}。`,
      old: (how, height, codes) => `ブロック ${number(height)} の支払いを書き換えました。${how}：${codes}。`,
    },
    oldTitle: '金額を変えた古い支払い',
    noPayments: 'チェーンに支払いがまだありません。先に支払ってください。',
    payment: '書き換える支払い',
    paymentOf: (from, to, coins, height) => `${from} → ${to}：${coins}（ブロック ${number(height)}）`,
    newAmount: '新しい金額',
    how: '差し出し方',
    hows: {
      signature: '支払いとして、古い署名のまま',
      block: 'ブロックに入れて、ヘッダーはそのまま',
      root: 'ブロックに入れて、ヘッダーに新しい取引ルート',
    },
    offerOld: '書き換えた支払いを差し出す',
    repairTitle: '修復',
    repairText: 'コピーを捨てます。その後、ノードがデータベースの残高を、最新のブロックに照らして証明します。',
    repair: 'コピーを捨てる',
    proven: (coins, height) => `残高は ${coins} です。ブロック ${number(height)} の状態ルートで証明されました。`,
    refused: (refusals, answers) =>
      answers === 0 ? '返事をしたタブはありません。' : `${number(answers)} 個のタブのうち ${number(refusals)} 個が拒否しました。`,
    sent: (kind, bytes) => `${number(bytes)} バイトの${kind === 'block' ? 'ブロック' : '取引'}を送りました：`,
    ownNode: '自分のノード',
    peer: (id) => `タブ ${id}`,
    noBreach: 'は、破られた規則を見つけません。',
    silent: (n) => `${number(n)} 個のタブが、時間内に返事をしませんでした。まだ同期中かもしれません。`,
    others: (n) => `${number(n)} 個のタブは、実験を知らない古いページなので、何も送っていません。`,
    nobody: '別のタブとつながってから、もう一度試してください。',
  },
  seen: (who, kind, refusal) =>
    `${who} が実験中で、無効な${kind === 'block' ? 'ブロック' : '取引'}を差し出しています。${refusal === null ? 'あなたのノードは、破られた規則を見つけません。' : `あなたのノードは拒否しました：${refusal}`}`,
};
