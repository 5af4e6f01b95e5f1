import type { enLab } from '../en/lab.ts';
import { zhHantLabChain } from './lab-chain.ts';
import { zhHantLabHome } from './lab-home.ts';
import { zhHantLabSignature } from './lab-signature.ts';
import { zhHantLabTamper } from './lab-tamper.ts';
import { zhHantLabDouble } from './lab-double.ts';
import { zhHantLabMajority } from './lab-majority.ts';
import { zhHantLabRules } from './lab-rules.ts';
import { zhHantLabTimes } from './lab-times.ts';

/** 實驗的文字。 */
export const zhHantLab: typeof enLab = {
  lab: {
    title: '實驗室',
    lead: '每個實驗五到十分鐘，都在真正的網路上進行。事情真的發生了，步驟才會自動打勾。',
    all: '所有實驗',
    before: '步驟會自動打勾。做實驗時可以到其他頁面，上方會有一行字提醒下一步。',
    start: '開始',
    end: '結束實驗',
    steps: '步驟',
    go: '前往',
    isDone: '已完成：',
    finished: '步驟都完成了，一起討論下面的問題吧。',
    happened: '這次發生的事',
    watch: '觀察重點',
    ask: '想一想',
    minutes: (n) => `${n} 分鐘`,
    progress: (done, all) => `完成 ${done}／${all}`,
    hashBench: {
      title: '雜湊工作臺',
      text: '文字',
      number: '數字',
      digest: (zeros) => `文字加數字的 SHA-256，開頭有 ${zeros} 個零`,
      step: '下一個數字',
      search: (zeros) => `找出 ${zeros} 個零`,
      stop: '停止',
      found: (number) => `數字 ${number} 的零夠多了。任何人只要算一次雜湊就能檢查。`,
    },
    linkSwitch: {
      title: '你的連線',
      isCut: '這個分頁的連線全部切斷了，只知道先前的區塊和自己挖到的區塊。',
      isLinked: (peers) => (peers === 0 ? '這個分頁還沒有連線。' : `這個分頁連到 ${peers} 個分頁。`),
      isTeam: (peers) => (peers === 0 ? '隊上還沒有其他分頁。' : `這個分頁只連到隊上的 ${peers} 個分頁，沒有連到其他人。`),
      publish: '一起公開分支',
      cut: '切斷所有連線',
      connect: '重新連線',
      needsAccount: '要有帳戶才能挖礦，請先註冊。',
    },
    detective: {
      title: '案件',
      hint: '在你自己分頁的資料庫裡找答案；正確答案也是從那裡來的。',
      check: '對答案',
      right: '答對了。',
      wrong: '資料庫裡的答案不是這個。',
      none: '鏈上還沒有相關的資料，請先挖礦和付款。',
      questions: {
        miner: '誰挖到最多區塊？',
        payment: '最大的一筆付款是多少幣？',
        crowded: '交易最多的區塊，高度是多少？',
        supply: '現在總共有多少幣？',
        generous: '誰付款的次數最多？',
      },
    },
    signatureBench: zhHantLabSignature.bench,
    chainBench: zhHantLabChain.bench,
    tamperBench: zhHantLabTamper.bench,
    takeHome: zhHantLabHome,
    seen: zhHantLabTamper.seen,
    doubleBench: zhHantLabDouble.bench,
    majorityBench: zhHantLabMajority.bench,
    team: zhHantLabMajority.team,
    rules: zhHantLabRules,
    timesBench: zhHantLabTimes.bench,
    labs: {
      signature: zhHantLabSignature.lab,
      chain: zhHantLabChain.lab,
      tamper: zhHantLabTamper.lab,
      hash: {
        title: '雜湊：證明做過工的數字',
        goal: '看看為什麼找到區塊很難，檢查卻很容易。',
        steps: {
          type: '在文字欄輸入三個字，看看整個雜湊怎麼變。',
          hand: '自己動手試八個數字。',
          find: '讓分頁找出一個數字，使雜湊開頭有三個零。',
          look: '打開一個真的區塊，看看它的雜湊。',
        },
        watch: '多一個字，雜湊的每一位都會變。沒有人能從零倒推出數字。',
        questions: [
          '三個零平均要試幾次？四個零呢？',
          '為什麼大家不必重試一遍，就相信找到的數字？',
          '之後如果有人改了區塊，這些零會怎麼樣？',
        ],
      },
      fork: {
        title: '分岔：兩個版本，直到相遇',
        goal: '切斷連線、自己挖礦、再連回來，看看大家留下哪一個分支。',
        steps: {
          linked: '至少連到一個正在挖礦的分頁。',
          cut: '切斷所有連線。',
          mine: '自己挖到至少一個區塊，同時別人也繼續挖。',
          back: '重新連線。',
          settled: '等到所有分頁的版本一致。',
          tree: '打開分支圖，找出輸掉的分支。',
        },
        watch: '不管是誰挖的，工作量較多的分支獲勝。另一個分支上的獎勵會消失，付款則回到等待區，之後再寫進區塊。',
        questions: ['誰的分支贏了？為什麼？', '哪些幣不見了？哪些付款又回來等待？', '為什麼商店要多等幾個區塊才交貨？'],
      },
      fees: {
        title: '手續費：誰能進區塊',
        goal: '送出兩筆手續費不同的付款，看看區塊滿的時候誰比較快。',
        steps: {
          two: '送出兩筆手續費不同的付款，其中一筆用最低的手續費。',
          confirmed: '等到兩筆都寫進區塊。',
          waiting: '看看那些區塊有多滿。',
        },
        watch: '礦工先挑每個位元組付得最多的交易。區塊很空時，付多少都進得去；區塊滿了，付得少的就要等。',
        questions: ['為什麼礦工不照先來後到？', '如果完全沒有手續費，網路會變成怎樣？'],
      },
      difficulty: {
        title: '難度：沒有鐘錶匠的時鐘',
        goal: '讓很多分頁一起挖礦，看看規則怎麼維持區塊的間隔。',
        steps: {
          mine: '開始挖礦，愈多分頁一起愈好。',
          blocks: '等二十個區塊。',
          changed: '看到難度改變至少百分之十五。',
          chart: '看看各個區塊的間隔。',
        },
        watch: '礦工多，區塊就找得快，規則便把難度調高；礦工離開後，一開始區塊會變慢。',
        questions: ['難度是誰決定的？', '如果礦工能在區塊裡隨便填時間，會怎麼樣？'],
      },
      privacy: {
        title: '隱私：大家看得到什麼',
        goal: '看看別人知道你哪些事，以及密封的備註藏住了什麼。',
        steps: {
          others: '打開別人的頁面，看看他的每一筆付款。',
          seal: '送出一筆附密封備註的付款。',
          sql: '在資料庫裡找到這筆付款，看看備註的樣子。',
        },
        watch: '金額、名字和時間永遠公開；只有密封備註的內容，僅限你們兩人看得懂。',
        questions: ['哪些話你不會寫在備註裡？', '後悔的付款，誰能刪掉？'],
      },
      proof: {
        title: '收據：手機上的證明',
        goal: '向沒有區塊鏈的人證明一筆付款。',
        steps: {
          pay: '讓自己的一筆付款寫進區塊。',
          make: '打開那筆付款，產生收據。',
          check: '檢查收據，最好用另一台裝置。',
        },
        watch: '收據只有兩千位元組，整條鏈卻大得多。收據裡只有從付款到區塊這一路上的雜湊。',
        questions: ['對方要先知道什麼，才能相信這張收據？', '為什麼沒有人能替不存在的付款做出收據？'],
      },
      detective: {
        title: 'SQL 偵探',
        goal: '只靠資料表，查出誰做了什麼。',
        steps: {
          one: '答對一題。',
          all: '答對四題。',
        },
        watch: 'accounts、blocks 和 transactions 這三張表記錄了一切；transfers 和 miners 這兩個檢視表可以少打很多字。',
        questions: ['哪一題只要一張表？哪一題要兩張？', '你怎麼知道這些表沒有被人改過？'],
      },
      double: zhHantLabDouble.lab,
      majority: zhHantLabMajority.lab,
      times: zhHantLabTimes.lab,
    },
  },
};
