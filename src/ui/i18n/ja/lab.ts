import type { enLab } from '../en/lab.ts';
import { jaLabChain } from './lab-chain.ts';
import { jaLabDouble } from './lab-double.ts';
import { jaLabHome } from './lab-home.ts';
import { jaLabMajority } from './lab-majority.ts';
import { jaLabRules } from './lab-rules.ts';
import { jaLabSignature } from './lab-signature.ts';
import { jaLabTamper } from './lab-tamper.ts';
import { jaLabTimes } from './lab-times.ts';
import { number } from './numbers.ts';

/** 実験の文言。 */
export const jaLab: typeof enLab = {
  lab: {
    title: '実験室',
    lead: '本物のネットワークで行う、5～10 分の実験です。本当にできた手順には、自動で印がつきます。',
    all: 'すべての実験',
    before: '手順には自動で印がつきます。途中で他のページへ行ってもかまいません。上の行に次の手順が表示されます。',
    start: '始める',
    end: '実験を終える',
    steps: '手順',
    go: 'そのページへ',
    isDone: '完了：',
    finished: 'すべての手順が終わりました。問いについて話し合いましょう。',
    watch: '注目するところ',
    happened: 'ここで起きたこと',
    ask: '考えてみよう',
    minutes: (n) => `${n} 分`,
    progress: (done, all) => `${done} / ${all} 完了`,
    hashBench: {
      title: 'ハッシュの実験台',
      text: '文字',
      number: '数',
      digest: (zeros) => `文字と数の SHA-256（先頭の 0 は ${zeros} 個）`,
      step: '次の数',
      search: (zeros) => `0 が ${zeros} 個の数を探す`,
      stop: '止める',
      found: (found) => `${found} なら 0 の数が足ります。誰でも、ハッシュを 1 回計算するだけで確かめられます。`,
    },
    linkSwitch: {
      title: 'あなたの接続',
      isCut: 'このタブの接続はすべて切れています。知っているのは、それまでのことと、自分でマイニングしたものだけです。',
      isLinked: (peers) =>
        peers === 0 ? 'このタブはまだどこにもつながっていません。' : `このタブは ${number(peers)} 個のタブとつながっています。`,
      isTeam: (peers) =>
        peers === 0 ? 'チームの他のタブは、まだいません。' : `このタブは、チームの ${number(peers)} 個のタブとだけつながっています。`,
      publish: '全員でブランチを公開',
      cut: 'すべての接続を切る',
      connect: 'もう一度つなぐ',
      needsAccount: 'マイニングにはアカウントが必要です。先に登録してください。',
    },
    detective: {
      title: '捜査ファイル',
      hint: '自分のタブのデータベースから答えを見つけてください。正解も、そこから求めています。',
      check: '確認',
      right: '正解です。',
      wrong: 'データベースの答えと違います。',
      none: 'チェーンにまだ材料がありません。先にマイニングと支払いをしてください。',
      questions: {
        miner: 'ブロックを最も多く見つけたのは誰？',
        payment: '最も大きな支払いは何コイン？',
        crowded: '取引が最も多いブロックの高さは？',
        supply: '今あるコインは全部でいくつ？',
        generous: '支払いの回数が最も多いのは誰？',
      },
    },
    signatureBench: jaLabSignature.bench,
    chainBench: jaLabChain.bench,
    tamperBench: jaLabTamper.bench,
    takeHome: jaLabHome,
    seen: jaLabTamper.seen,
    doubleBench: jaLabDouble.bench,
    majorityBench: jaLabMajority.bench,
    team: jaLabMajority.team,
    rules: jaLabRules,
    timesBench: jaLabTimes.bench,
    labs: {
      signature: jaLabSignature.lab,
      chain: jaLabChain.lab,
      tamper: jaLabTamper.lab,
      double: jaLabDouble.lab,
      majority: jaLabMajority.lab,
      times: jaLabTimes.lab,
      hash: {
        title: 'ハッシュ：作業を証明する数',
        goal: 'ブロックを見つけるのは難しく、確かめるのは簡単な理由を見ます。',
        steps: {
          type: '文字を 3 つ入力して、ハッシュ全体が変わる様子を見る。',
          hand: '数を 8 回、手で試す。',
          find: 'ハッシュが 3 つの 0 で始まる数を、タブに探させる。',
          look: '本物のブロックを開いて、ハッシュを見る。',
        },
        watch: '文字が 1 つ増えるだけで、ハッシュのすべての桁が変わります。0 の並びから数を逆算することは、誰にもできません。',
        questions: [
          '0 が 3 つになるまで、およそ何回かかるでしょうか。4 つでは？',
          '他の数を試さなくても、見つかった数を全員が信じるのはなぜでしょうか。',
          '後で誰かがブロックを書き換えたら、0 の並びはどうなるでしょうか。',
        ],
      },
      fork: {
        title: 'フォーク：出会うまでは 2 つの真実',
        goal: '接続を切って 1 人でマイニングし、戻ったときに全員がどのブランチを残すかを見ます。',
        steps: {
          linked: 'マイニング中の別のタブと、最低 1 つつながる。',
          cut: 'すべての接続を切る。',
          mine: '他の人が続けている間に、1 人で最低 1 ブロックをマイニングする。',
          back: 'もう一度つなぐ。',
          settled: 'すべてのタブが一致するまで待つ。',
          tree: 'ブランチの木を開いて、負けたブランチを見つける。',
        },
        watch:
          '誰がマイニングしたかに関係なく、作業量の多いブランチが勝ちます。もう一方の報酬は消え、その支払いは待ち直して後のブロックに入ります。',
        questions: [
          '勝ったのは誰のブランチで、それはなぜでしょうか。',
          'どのコインが消え、どの支払いが戻ってきたでしょうか。',
          '店が商品を渡す前に、あと数ブロック待つのはなぜでしょうか。',
        ],
      },
      fees: {
        title: '手数料：ブロックに入るのは誰か',
        goal: '手数料の違う 2 つの支払いを送り、ブロックが満杯のときにどちらが速いかを見ます。',
        steps: {
          two: '手数料の違う支払いを 2 つ送る。1 つは最低の手数料にする。',
          confirmed: '両方がブロックに入るまで待つ。',
          waiting: 'ブロックを見る：どのくらい詰まっていたか。',
        },
        watch:
          'マイナーは、1 バイトあたりの手数料が高いものから選びます。空いたブロックならどの手数料でも入り、満杯なら低いものは待ちます。',
        questions: [
          'マイナーが支払いを届いた順に選ばないのはなぜでしょうか。',
          '手数料がまったくなかったら、ネットワークはどうなるでしょうか。',
        ],
      },
      difficulty: {
        title: '難易度：時計係のいない時計',
        goal: '多くのタブでマイニングし、規則がブロックの間隔を保つ様子を見ます。',
        steps: {
          mine: 'できるだけ多くのタブと一緒に、マイニングを始める。',
          blocks: '20 ブロックを待つ。',
          changed: '難易度が 15 % 以上変わるのを見る。',
          chart: 'ブロックとその間隔を見る。',
        },
        watch:
          'マイナーが増えるとブロックが速く見つかるので、規則がブロックを難しくします。マイナーが去ると、はじめはブロックが遅くなります。',
        questions: ['難易度を決めているのは誰でしょうか。', 'マイナーがブロックに好きな時刻を書けたら、何が起きるでしょうか。'],
      },
      privacy: {
        title: 'プライバシー：全員に見えるもの',
        goal: '他の人が自分について何を知っているか、暗号化メモが何を隠すかを調べます。',
        steps: {
          others: '他の人のページを開いて、その支払いをすべて読む。',
          seal: '暗号化メモをつけて支払う。',
          sql: 'データベースで自分の支払いを見つけて、メモを見る。',
        },
        watch: '金額、名前、時刻は、ずっと全員に見えます。2 人だけが読めるのは、暗号化メモの文面だけです。',
        questions: ['メモに書かないほうがよいものは何でしょうか。', '後悔した支払いを消せるのは誰でしょうか。'],
      },
      proof: {
        title: 'レシート：スマホに入る証明',
        goal: 'チェーンを持たない人に、支払いを証明します。',
        steps: {
          pay: '自分の支払いがブロックに入っている。',
          make: 'その支払いを開いて、レシートを作る。',
          check: 'レシートを確認する。別の端末ならなおよい。',
        },
        watch:
          'レシートは 2 キロバイト、チェーンは何千キロバイトもあります。レシートに入っているのは、支払いからブロックまでの道にあるハッシュだけです。',
        questions: [
          'レシートを信じるには、相手は何を知っている必要があるでしょうか。',
          'なかった支払いのレシートを、誰も作れないのはなぜでしょうか。',
        ],
      },
      detective: {
        title: 'SQL 探偵',
        goal: '表だけを手がかりに、誰が何をしたかを突き止めます。',
        steps: {
          one: '問いに 1 つ答える。',
          all: '問いに 4 つ答える。',
        },
        watch: 'accounts、blocks、transactions の 3 つの表に、すべてがあります。transfers と miners のビューを使うと、入力が短くなります。',
        questions: [
          '表が 1 つで足りたのはどの問いで、2 つ必要だったのはどの問いでしょうか。',
          '誰もこの表を書き換えていないと、どうしてわかるでしょうか。',
        ],
      },
    },
  },
};
