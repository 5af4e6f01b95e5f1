import type { enQuestions } from '../en/questions.ts';

/** 資料庫頁面上的問題：每題問什麼，那句 SQL 教什麼。 */
export const zhHantQuestions: typeof enQuestions = {
  groups: {
    look: '第一步',
    count: '計數與加總',
    join: '合併資料表',
    time: '時間與金額',
    window: '視窗函式',
    recursive: 'WITH 與遞迴',
  },
  questions: {
    newest: {
      title: '最新的區塊有哪些？',
      lesson: 'SELECT 列出要看的欄位，FROM 指定資料表或檢視表，LIMIT 只取前幾列。檢視表 block_list 已經把最新的排在最前面。',
    },
    names: {
      title: '有哪些人註冊了帳戶？',
      lesson: 'WHERE 只留下符合條件的列，ORDER BY 負責排序。還沒有名稱的地址，name 是 NULL；要找 NULL 只能用 IS NULL。',
    },
    richest: {
      title: '誰的幣最多？',
      lesson: 'AS 幫欄位取別名，round() 把數字四捨五入。檢視表 rich_list 已經排好名次。',
    },
    payments: {
      title: '最近有哪些轉帳？誰付給誰？',
      lesson: '檢視表是存起來的查詢，用法和資料表一樣。檢視表 transfers 把帳戶編號換成了名稱。',
    },
    memos: {
      title: '哪些備註裡有「a」？',
      lesson: 'LIKE 用來比對文字：% 代表任意多個字，_ 代表一個字。英文字母不分大小寫。',
    },
    idle: {
      title: '哪些是空區塊？',
      lesson: 'AND 連接兩個條件，兩個都要成立。區塊可以沒有交易，礦工照樣拿到區塊獎勵。',
    },
    totals: {
      title: '這條鏈有多大？',
      lesson: 'count()、max()、sum() 把所有列合成一個值，稱為聚合函式。',
    },
    kinds: {
      title: '每種交易各有幾筆？',
      lesson: 'GROUP BY 把相同的值分成一組，每組一列；聚合函式就在各組裡計算。',
    },
    miners: {
      title: '誰挖到最多區塊？',
      lesson: '檢視表 miners 本身就是一個 GROUP BY。按「執行計畫」看看 SQLite 怎麼找出每位礦工的區塊。',
    },
    generous: {
      title: '誰付過兩次以上？',
      lesson: 'WHERE 在分組之前挑選列，HAVING 在分組之後挑選組，所以 count(*) 的條件只能寫在 HAVING。',
    },
    sizes: {
      title: '一個區塊有多大？',
      lesson: '一個查詢可以放好幾個聚合函式。avg() 不計入 NULL；WHERE 排除沒有人挖的創世區塊。',
    },
    different: {
      title: '有多少人付過錢？多少人收過錢？',
      lesson: 'count(DISTINCT …) 不管一個值出現幾次，都只算一次。',
    },
    rewards: {
      title: '每個區塊的獎勵給了哪個帳戶？',
      lesson: 'JOIN … ON 把兩個資料表的列接在一起。區塊只記礦工的編號，資料表 accounts 才知道那是誰。',
    },
    everyone: {
      title: '每個人挖到幾個區塊？一個都沒有的也要列出',
      lesson: 'LEFT JOIN 會保留沒有對應區塊的帳戶，欄位填 NULL。count(b.height) 不計入 NULL，所以是 0。',
    },
    pairs: {
      title: '誰付給誰？',
      lesson: '同一個資料表可以用兩個別名出現兩次：付款人和收款人。id 是高度 × 65,536 + 位置，所以這個條件只看最近 1,000 個區塊。',
    },
    supply: {
      title: '所有餘額的總和等於發行總量嗎？',
      lesson: '括號裡的查詢就是一個值。1 代表成立：大家手上的幣，正好是區塊獎勵和註冊贈幣發行的總數。',
    },
    silent: {
      title: '誰從來沒付過錢？',
      lesson: 'NOT EXISTS 檢查子查詢是不是找不到任何列。子查詢對每個帳戶各跑一次，用到它的編號 a.id。',
    },
    classes: {
      title: '區塊有多忙？',
      lesson: 'CASE 依序檢查條件來決定值。算出來的欄位可以直接用在 GROUP BY。',
    },
    hours: {
      title: '每個小時挖出幾個區塊？',
      lesson: '時間是從 1970 年起算的毫秒數。strftime() 轉成看得懂的 UTC 時間，每小時成為一組。',
    },
    fees: {
      title: '區塊賺到多少手續費？',
      lesson: '金額是整數，單位是百萬分之一幣，所以不會有四捨五入的誤差。除以 1e6 就是幣數。',
    },
    units: {
      title: '為什麼除以 1e6，而不是 1000000？',
      lesson: 'SQL 的整數除以整數會捨去小數：1500000 / 1000000 等於 1。1e6 是實數，除出來才是 1.5。',
    },
    statement: {
      title: '第一個帳戶的收入和支出有哪些？',
      lesson: 'UNION ALL 把幾個查詢的列上下接起來，欄位數目必須相同。',
    },
    intervals: {
      title: '兩個區塊之間隔多久？',
      lesson: '視窗函式不必分組就能看到其他列：lag() 取前一列的值。也看看圖表。',
    },
    growth: {
      title: '交易總數怎麼成長？',
      lesson: 'sum() OVER (ORDER BY …) 從第一列加到目前這一列，也就是累計。',
    },
    smooth: {
      title: '每十個區塊的平均大小是多少？',
      lesson: 'ROWS 9 PRECEDING 讓視窗涵蓋十列。這種移動平均會讓圖上的線變平滑。',
    },
    largest: {
      title: '最近每個付款人最大的三筆轉帳是哪些？',
      lesson: 'PARTITION BY 讓每個付款人重新編號。視窗函式不能寫在 WHERE，所以由外層查詢來挑選。',
    },
    balance: {
      title: '第一個帳戶的餘額怎麼變化？',
      lesson: 'WITH 替查詢取名字，後面就能當資料表用。最後一列應該就是現在的餘額。',
    },
    runs: {
      title: '誰連續挖到最多區塊？',
      lesson: '只要中間沒有缺，高度減去列號的結果就不變，所以每段連續的區塊會成為一組。',
    },
    histogram: {
      title: '出塊間隔的分布是怎樣？',
      lesson: 'WITH RECURSIVE 用自己的列再產生新的列，這裡是 0、5、10……所以沒有區塊的時段也會出現在圖上。',
    },
    trail: {
      title: '最近第一個帳戶的幣流到了哪些人手上？',
      lesson: '遞迴沿著轉帳從一個帳戶走到下一個，最多三步。UNION 會去掉重複的列，所以遇到循環也會停。',
    },
  },
};
