import type { enLabHome } from '../en/lab-home.ts';

const how = [
  '.zip ファイルを家に持ち帰って展開します。スマホではファイルアプリで開きます。',
  'Tabchain を開きます：公開されていればクラスのアドレス、または他の Tabchain のページ。以前に https で開いたことのある端末なら、インターネットはいりません。',
  '「データベース」を選び、「他の人のファイル」に .sqlite ファイルをドロップします。ページが最初のブロックからすべてをたどり直し、署名も行も一つずつ検証します。',
  'そこで同じファイルに SQL で尋ねるか、SQLite のプログラムを使います：sqlite3 tabchain-class.sqlite "SELECT name, balance FROM accounts"',
  '「レシート」（#at=/receipt）を選び、レシートをドロップします。.zip の中の文書に、授業で見たブロックが書いてあります。その ID を信頼すれば、レシートが残高を証明します。',
  '「ログイン」を選び、鍵ファイルをドロップします。パスフレーズが必要です。両方がないと、アカウントは誰にも復元できません。',
];

/** 持ち帰り用ファイルの文言。 */
export const jaLabHome: typeof enLabHome = {
  title: '授業を持ち帰る',
  text: '1 回のクリックで、鍵ファイル、チェーン全体の SQLite ファイル、残高のレシートを、開き方の文書と一緒に 1 つの .zip ファイルに保存します。',
  needsAccount: '先に登録してください。アカウントがないと、持ち帰る鍵もありません。',
  recentOnly: 'この端末には最近のブロックしかありません。そのファイルは最初から検証できないので、別の端末でもチェーンを保存してください。',
  save: 'すべてを持ち帰り用に保存',
  packing: (percent) => `まとめています… ${percent} %`,
  handed: 'このファイルをブラウザーに渡しました：',
  confirm: 'この端末でファイルを見つけました',
  confirmed: '鍵ファイルは保存済みになりました。',
  howTitle: '家での開き方',
  how,
  readMeName: '開き方.txt',
  readMe: ({ name, label, link, height, id }) =>
    [
      `Tabchain：チェーン「${label}」、保存した人 ${name}`,
      '',
      `保存したときの最新のブロック：${height}`,
      `その ID：${id}`,
      `クラスのページ：${link}`,
      '',
      ...how.map((step, i) => `${i + 1}. ${step}`),
      '',
    ].join('\r\n'),
};
