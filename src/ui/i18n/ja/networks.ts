import type { enNetworks } from '../en/networks.ts';
import { number } from './numbers.ts';

/** ネットワークへの参加、作成、検索の文言。 */
export const jaNetworks: typeof enNetworks = {
  networks: {
    title: 'ネットワーク一覧',
    lead: 'どのネットワークにも、独自のチェーン、コイン、メンバーがあります。ネットワークは誰のものでもなく、リンクを開いた人は誰でも参加できます。',
    you: '今いるのは',
    other: '別のネットワークか、新しいネットワーク',
    joinTitle: 'コードで参加',
    joinText: 'スクリーンに 6 文字が表示されていますか？ここに入力してください。',
    code: 'コード',
    find: 'ネットワークを探す',
    finding: 'このコードを表示しているタブに尋ねています…',
    found: 'このコードの行き先',
    enter: 'このネットワークを開く',
    hereTitle: 'このネットワーク',
    hereText: '短いコードがあれば、他の人はリンクを入力せずにすみます。このページが開いている間、あなたのタブがコードに答えます。',
    showCode: 'コードを表示',
    hideCode: 'コードを隠す',
    shown:
      '他の人は、このページのアドレスを開き、「ネットワーク一覧」でコードを入力します。その間、このページを開いたままにしてください。コードは今日だけ、リンクはずっと使えます。',
    createTitle: 'ネットワークを作る',
    createText: '授業、クラブ、競争のために。規則はリンクに入っていて、後から変えられません。',
    name: '名前',
    nameHint: '英小文字 a–z、数字、ハイフン。例：class-3b',
    kind: '種類',
    presets: {
      class: {
        title: '45 分の授業',
        text: '5 秒ごとにブロック。登録した全員に 100 コインを配るので、すぐに支払えます。',
      },
      semester: { title: '学期', text: '1 分ごとにブロック。報酬は少なめで、最初に 100 コイン。何か月たってもチェーンは小さいままです。' },
      race: { title: '競争', text: '2 秒ごとにブロック。無料のコインはなく、100 ブロックごとに報酬が半分になります。' },
    },
    rules: '規則の詳細',
    fields: {
      seconds: { label: 'ブロックの間隔（秒）', hint: '平均。0.2～86,400' },
      subsidy: { label: '報酬', hint: '1 ブロックあたりのコイン' },
      grant: { label: '配布', hint: '登録 1 件あたりのコイン' },
      halving: { label: '半減までのブロック数', hint: '0：報酬は半減しません' },
      kibibytes: { label: 'ブロックの最大サイズ（KiB）', hint: '4～4,096 の整数' },
    },
    create: '作成',
    made: 'このリンクでネットワークが始まります',
    madeText: 'リンクを開き、登録して、マイニングしてください。その後、このページでコードを表示すれば、他の人が参加できます。',
    knownTitle: 'この端末のネットワーク',
    here: '今開いています',
    private: 'プライベートルーム',
    height: (height) => `ブロック ${number(height)}`,
    forget: '一覧から削除',
  },
  present: {
    title: '大型表示',
    open: '大きく映す',
    openText: 'プロジェクター用：誰がいるか、何が起きているか、どう参加するか。',
    join: 'このページを開いてコードを入力するか、読み取ってください：',
    block: 'ブロック',
    tabs: () => '参加中のタブ',
    hashrate: '全員の合計',
    leave: 'この表示を終える',
    people: 'メンバー',
    nobody: 'まだ誰も登録していません。',
    order: '並び順',
    orders: { blocks: 'ブロック', balance: 'コイン', payments: '支払い', seen: '最近' },
    forks: 'ブランチ',
    news: '出来事',
    nothing: '次のブロックが見つかると、ここに出来事が表示されます。',
    found: (name, height, payments) =>
      payments === 0
        ? `${name} がブロック ${height} を見つけました。`
        : `${name} が、支払い ${number(payments)} 件を含むブロック ${height} を見つけました。`,
    joined: (name) => `${name} が参加しました。`,
    paid: (from, to, coins) => `${from} が ${to} に ${coins} を支払いました。`,
    replaced: (blocks, by) => `作業量の多いブランチの ${number(by)} 個が、${number(blocks)} 個のブロックを置き換えました。`,
  },
};
