import type { enNetwork } from '../en/network.ts';
import { number } from './numbers.ts';

/** ネットワークのページの図の文言。 */
export const jaNetwork: typeof enNetwork = {
  map: {
    title: 'ネットワークの地図',
    label: (linked) => `地図：このタブと、つながっている ${number(linked)} 個のタブ。矢印キーでタブの間を移動できます。`,
    fullScreen: '全画面',
    you: 'あなた',
    thisTab: 'このタブ',
    tab: (id) => `タブ ${id}`,
    factGap: '、',
    milliseconds: (n) => `${number(n)} ミリ秒`,
    stranger: '他のタブを通じて知っている',
    strangerText: 'このタブとはつながっていません。他のタブがつながっていると言っています。',
    summary: (linked, others) =>
      linked === 0
        ? '他のタブとはまだつながっていません。'
        : `${number(linked)} 個のタブとつながっています。${others === 0 ? '' : `その先にさらに ${number(others)} 個あります。`}`,
    unready: (n) => `ほかに ${number(n)} 個のタブは接続中か、応答がありません。`,
    hidden: (n) => `さらに ${number(n)} 個がありますが、地図に入りきりません。`,
    hint: 'タブを指すか選ぶと、わかっていることが表示されます。',
    peerId: 'タブの ID',
    met: '出会い方',
    meetings: {
      server: 'シグナリングサーバー経由',
      browser: 'このブラウザーの中',
      peers: '別のタブの紹介',
      hand: '手渡し',
    },
    standing: { agrees: '同じチェーン', differs: '別のブランチ、または先に進んでいる', unknown: 'チェーン不明' },
    keeps: '持っているブロック',
    whole: 'チェーン全体',
    recent: (base) => `高さ ${number(base)} より後`,
    links: '接続',
    through: '知った経路',
    program: 'プログラム',
    servers: 'シグナリングサーバー',
    legend: {
      agrees: 'このタブと同じチェーン',
      differs: '別のブランチ、または先に進んでいる',
      unknown: 'チェーン不明',
      length: 'あなたからの線が長いほど、遅延が大きくなります。',
    },
    ways: {
      offline: 'このタブは切断されています。再接続するまで、誰からも見つかりません。',
      server:
        '新しいタブは、シグナリングサーバーを通じてこのタブを見つけます。サーバーが止まっても、つながったタブが新しいタブを紹介します。',
      peers:
        'シグナリングサーバーの応答がありません。つながったタブは動き続け、新しいタブを互いに紹介します。このブラウザーのタブも互いを見つけます。',
      'none-reached': 'シグナリングサーバーの応答がなく、つながったタブもありません。このブラウザーのタブは互いを見つけます。',
      'no-server':
        'このページにはシグナリングサーバーがありません。つながったタブが新しいタブを紹介し、このブラウザーのタブは互いを見つけます。',
      'no-server-alone': 'このページにはシグナリングサーバーがありません。このブラウザーのタブは互いを見つけます。',
    },
  },
  invite: {
    needs:
      '新しい人に必要なのは、このページを一度読み込めるブラウザーだけです。どれか 1 つのタブにつながれば、そのタブが他のタブに紹介します。',
  },
  traffic: {
    title: '送受信したデータ',
    whose: '対象',
    everyTab: 'すべてのタブ',
    label: (received, sent) => `最近 10 分間のデータ。今の受信は ${received}、送信は ${sent} です。`,
    minutesAgo: (minutes) => `−${minutes} 分`,
    ago: (time) => `${time}前`,
    now: '今',
    since: 'このページを開いてからの合計です。ブラウザーとネットワークが加えるバイトは含みません。',
    onePeer: 'このタブとの今の接続の合計です。',
  },
};
