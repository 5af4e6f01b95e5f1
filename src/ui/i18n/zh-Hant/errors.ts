import type { ErrorDetails } from '../../../util/errors.ts';
import type { ErrorTexts } from '../language-pack.ts';
import { number } from './numbers.ts';

const figure = (details: ErrorDetails, key: string, text: (value: string) => string): string =>
  details[key] === undefined ? '' : text(String(details[key]));

/** 拒收資料或區塊之後、以及信令伺服器結束連線之後會怎樣。 */
const OTHER_TABS = '節點會改用其他分頁傳來的資料。';
const REFUSED = '節點已拒收，鏈會照常繼續。';
const RECONNECTS = '這個網頁會自動重新連線。';

/** 錯誤碼的中文說明：發生了什麼、該怎麼辦。 */
export const errorsZhHant: ErrorTexts = {
  // 程式本身的錯誤
  internal: () => '節點內部出了問題，什麼都沒有送出。請重新載入頁面；你的幣都在鏈上。',
  'invariant-broken': () => '節點內部的檢查沒有通過。請重新載入頁面；你的幣都在鏈上。',

  // 位元組、編碼與其他分頁的訊息
  'hex-invalid': () => '這不是十六進位文字：只能有 0–9 與 a–f，而且兩個一組。請重新完整複製。',
  'utf8-invalid': () => '這段文字不是有效的 UTF-8。請重新複製，或換另一個檔案。',
  'integer-out-of-range': () => '這個數字太大或太小，請輸入其他數字。',
  'encoding-truncated': () => `資料不完整，已拒收。${OTHER_TABS}`,
  'encoding-trailing': () => `資料結尾之後還有多餘的內容，已拒收。${OTHER_TABS}`,
  'encoding-too-long': () => `資料超過允許的長度，已拒收。${OTHER_TABS}`,
  'encoding-non-canonical': () => `資料不是規定的寫法，已拒收。${OTHER_TABS}`,
  'bits-non-canonical': () => `難度目標不是規定的寫法，已拒收。${OTHER_TABS}`,
  'state-proof-wrong': () => `一份帳戶證明和區塊鏈不符，已拒收。${OTHER_TABS}`,
  'history-proof-wrong': () => `有個先前區塊的證明和區塊標頭對不起來，已拒收。${OTHER_TABS}`,
  'work-proof-wrong': () => `有條鏈的工作量證明不正確，已拒收。${OTHER_TABS}`,
  'protocol-version': () => '另一個分頁使用不同版本的 Tabchain。請把兩個分頁都重新載入，以取得最新版。',

  // 區塊與交易的規則
  'version-unsupported': () => '這個網頁不認得某個區塊的版本。請重新載入頁面，可能已有新版。',
  'previous-wrong': () => `有個區塊沒有接在前一個區塊後面。${REFUSED}`,
  'height-wrong': () => `有個區塊的高度不是前一個區塊加一。${REFUSED}`,
  'time-not-after-parent': () => `有個區塊的時間沒有比前一個區塊晚。${REFUSED}`,
  'bits-wrong': () => `有個區塊的難度不符合規則。${REFUSED}`,
  'seal-above-target': () => `有個區塊缺少工作量證明。${REFUSED}`,
  'history-root-wrong': () => `有個區塊標頭寫的歷史根和前面的區塊對不起來。${REFUSED}`,
  'block-ancestor-invalid': () => `有個區塊接在違反規則的區塊後面。${REFUSED}`,
  'block-oversized': () => `有個區塊超過網路允許的大小。${REFUSED}`,
  'transaction-root-wrong': () => `有個區塊裡的交易和區塊標頭寫的不一樣。${REFUSED}`,
  'block-too-many-registrations': () => `有個區塊裡的註冊超過上限。${REFUSED}`,
  'block-duplicate-transaction': () => `有個區塊包含了兩筆相同的交易。${REFUSED}`,
  'supply-wrong': () => `有個區塊之後的發行總量和區塊標頭寫的不一樣。${REFUSED}`,
  'state-root-wrong': () => `有個區塊之後的帳戶狀態和區塊標頭寫的不一樣。${REFUSED}`,
  'transaction-other-network': () => '這筆交易是為另一個網路簽署的。',
  'name-invalid': () => '使用者名稱為 2 到 20 個字元：a–z、0–9 與 _，並以字母開頭。',
  'modulus-invalid': () => '這把公鑰不是 2048 位元的 RSA 金鑰。請使用 Tabchain 產生的金鑰檔。',
  'stamp-invalid': () => '這筆註冊缺少工作量證明。',
  'amount-not-positive': () => '金額必須大於零。',
  'amount-too-large': () => '沒有那麼多幣。',
  'memo-invalid': () => '備註含有無法安全顯示的字元，請重新輸入，不要換行。',
  'already-registered': () => '這把金鑰已在這條鏈上註冊，請直接登入。',
  'name-taken': () => '這條鏈上已有人使用這個名稱，請換一個。',
  'sender-not-registered': () => '註冊打包進區塊後就能付款；開始挖礦可以加快。',
  'nonce-already-used': () => '同一帳戶的另一筆轉帳搶先了。如果還要付，請再送一次。',
  'nonce-gap': () => '你較早的一筆轉帳還沒到，請稍候再試。',
  'balance-insufficient': (d) => `餘額不足以支付金額加手續費${figure(d, 'spendable', (v) => `，可用 ${v}`)}。路上的付款也算已花掉。`,
  'signature-invalid': () => '簽章不屬於這個帳戶，沒有節點會接受這筆交易。',

  // 交易為何進不了交易池，或離開了它
  'fee-too-low': (d) => `手續費太低，沒有節點會轉送${figure(d, 'minimum', (v) => `；最低 ${v}`)}。請採用建議值。`,
  'replacement-fee-too-low': (d) => `要取代等待中的轉帳，手續費${figure(d, 'minimum', (v) => `至少要 ${v}`) || '要再提高一成以上'}。`,
  'mempool-full': () => '等待中的交易太多。請提高手續費，或等下一個區塊後再試。',
  'registration-pending': () => '註冊打包進區塊後就能付款；開始挖礦可以加快。',
  'transfer-not-waiting': () => '只有你自己還沒打包進區塊的付款可以修改；這一筆已經打包，或不是你的。',
  replaced: () => '序號相同而手續費較高的另一筆轉帳取代了它。',
  expired: () => '等太久都沒有打包進區塊。請再送一次，也許提高手續費。',
  evicted: () => '等待中的交易太多，這一筆被移除了。請再送一次，也許提高手續費。',

  // 使用者填寫的付款內容
  'recipient-invalid': () => '這不是使用者名稱，也不是位址。',
  'recipient-unknown': () => '這條鏈上沒有人叫這個名稱。請檢查拼字，或改用位址。',
  'address-invalid': () => '這個位址有打錯的地方，請重新完整複製。',
  'link-other-network': () => '這個連結屬於另一個網路，請在另一個分頁開啟。',
  'network-invalid': (d) =>
    `這個連結裡的網路參數不合理。${
      d['field'] === 'net'
        ? '網路名稱為 1 到 32 個字元：a–z、0–9，中間可用連字號。'
        : figure(d, 'easiest', (v) => `起始難度「start」不能比最低難度（${v}）還低，請拿掉「start」或改難一點。`) ||
          figure(d, 'field', (v) => `「${v}」無法解讀或超出範圍。`)
    }請再要一次連結。`,
  'amount-invalid': () => '請用數字輸入金額，中間只能有一個小數點，例如 12.5。',
  'amount-ambiguous': (d) =>
    `這個數字有兩種讀法，請寫成 ${figure(d, 'decimal', (v) => v) || '1.5'} 或 ${figure(d, 'whole', (v) => v) || '1500'}（小數用「.」，不用逗號）。`,
  'amount-too-precise': () => '金額最多六位小數。',
  'fee-invalid': () => '請用數字輸入手續費，中間只能有一個小數點，例如 0.01。',
  'fee-ambiguous': (d) =>
    `這個數字有兩種讀法，請寫成 ${figure(d, 'decimal', (v) => v) || '0.01'} 或 ${figure(d, 'whole', (v) => v) || '1'}（小數用「.」，不用逗號）。`,
  'memo-too-long': () => '備註超過 140 位元組。一個中文字占三個，一個表情符號占四個。',
  'memo-cannot-seal': () => '無法加密：對方沒有註冊金鑰。請改為公開，或留空。',
  'memo-unreadable': () => '你的金鑰打不開這則備註。',
  'not-registered': () => '註冊打包進區塊後就能付款；開始挖礦可以加快。',
  'argument-invalid': (d) => `這個值${figure(d, 'field', (v) => `（${v}）`)}不能用在這裡，請修改後再試。`,

  // 金鑰與帳戶
  'receipt-unreadable': () => '這不是一份完整的收據。請整段複製，或選取當初存下的檔案。',
  'receipt-version': () => '這不是收據，或是較新版本的網頁做的。請重新載入這個網頁，再檢查一次。',
  'receipt-other-network': () => '這份收據屬於另一個網路。請打開那個網路的連結，在那裡檢查。',
  'receipt-wrong': () => '這份收據什麼都證明不了：裡面有些部分兜不起來。請對方重新給一份。',
  'receipt-too-early': () => '還沒有區塊收錄這筆交易。等交易確認後再做收據。',
  'der-invalid': () => '檔案裡的金鑰已損壞。什麼都沒有改變，請換另一份。',
  'pem-invalid': () => '這不是 Tabchain 的金鑰檔，或檔案已損壞。什麼都沒有改變，請換另一份。',
  'key-invalid': () => '這不是 2048 位元的 RSA 私鑰。什麼都沒有改變，請選擇 Tabchain 產生的金鑰檔。',
  'padding-invalid': () => '無法解密：通關密語不對，或檔案已損壞。請檢查後再試。',
  'signing-failed': () => '簽章算錯了，所以什麼都沒有送出。請再試一次；若還是不行，請重新啟動瀏覽器。',
  'key-file-invalid': () => '這不是 Tabchain 的金鑰檔，或檔案已損壞。什麼都沒有改變，請換另一份。',
  'key-file-other-network': (d) =>
    `這把金鑰屬於${figure(d, 'label', (v) => `「${v}」網路`) || '另一個網路'}，幣和名稱都在那裡。請到那裡開啟，或在這裡當成全新的空帳戶使用。`,
  'key-file-slow': (d) =>
    `這個金鑰檔的加密方式需要計算 ${figure(d, 'iterations', (v) => number(Number(v))) || '非常多'} 次才能開啟${figure(d, 'seconds', (v) => `，在這個網頁上大約要 ${v} 秒`)}。隨時可以取消。`,
  'passphrase-required': () => '請輸入通關密語。',
  'passphrase-too-short': () => '通關密語至少要 8 個字元。',
  'passphrase-too-long': () => '通關密語太長，幾個詞就夠了。',
  'passphrase-common': () => '這是最先會被猜到的通關密語：太常見、一直重複，或就是你的名稱。請用幾個互不相干的詞。',
  'passphrase-wrong': () => '這個通關密語打不開金鑰。請檢查大小寫與空格後再試。',
  'account-unknown': (d) =>
    `這裡${figure(d, 'place', (v) => `（這個瀏覽器的 ${v}）`)}沒有這個帳戶。不同的網址、連接埠、http 與 https、瀏覽器和使用者設定檔，各自保存自己的帳戶。請到當初建立的地方開啟，或帶金鑰檔來。${figure(d, 'label', (v) => `這個瀏覽器在「${v}」網路裡有同名的帳戶。`)}`,
  'account-in-use': () => '這個帳戶已在其他分頁開啟。請先在那裡關閉或登出；每個分頁各是一個節點。',
  'no-account': () => '尚未開啟帳戶，請先註冊或登入。',
  locked: () => '你的金鑰已上鎖，請輸入通關密語。',
  cancelled: () => '已取消，什麼都沒有改變。',

  // 這台裝置的聯絡人
  'contact-label-invalid': (d) => `標籤需要 1 到${figure(d, 'maximum', (v) => ` ${v}`) || ' 40'} 個字，而且不能有改變文字方向的隱形字元。`,
  'contacts-full': (d) => `這台裝置最多保存${figure(d, 'maximum', (v) => ` ${v}`) || ' 500'} 位聯絡人，請先刪除一些。`,
  'contacts-file-invalid': () => '這不是完整的聯絡人檔案，沒有匯入任何資料。',
  'contacts-file-other-network': () => '這些聯絡人屬於另一個網路，沒有匯入任何資料。請先開啟那個網路。',

  // 挖礦
  'threads-invalid': (d) => `執行緒數請輸入${figure(d, 'maximum', (v) => ` 1 到 ${v} 的`)}整數。`,
  'throttle-invalid': () => '挖礦時間的百分比請輸入 1 到 100 的整數。',
  'search-cancelled': () => '工作量證明的計算已取消，需要時可以再開始。',
  'thread-failed': () => '有一個挖礦執行緒出錯了，由另一個接手。',
  'miner-blocked': () => '挖礦程式無法載入，改由節點自己慢慢計算。請重新載入，或在內容阻擋器中允許本頁的指令碼。',
  'gpu-unavailable': () => '這個瀏覽器沒有可用來挖礦的顯示卡：需要 https 或 localhost，以及支援 WebGPU 的瀏覽器。',
  'gpu-lost': () => '顯示卡不再為這個網頁工作。挖礦照常進行，只是不用它；可以再次開啟。',
  'gpu-wrong': () => '顯示卡算出錯誤的結果，已停用。挖礦照常進行，只是不用它。',
  'gpu-silent': () => '顯示卡沒有回應，已停用。挖礦照常進行，只是不用它。',

  // 資料庫與磁碟
  'storage-unavailable': () =>
    '瀏覽器沒有給這個網頁儲存空間，所以區塊鏈只在記憶體裡。請允許這個網頁儲存網站資料、改用一般視窗，或在磁碟已滿時騰出空間。',
  'storage-silent': () =>
    '瀏覽器的儲存空間沒有回應，鏈暫時只留在記憶體裡。請先保存金鑰檔，關閉這個網頁的其他分頁再重新載入；若還是不行，請重新啟動瀏覽器。',
  'storage-answered-late': () => '瀏覽器的儲存空間恢復回應了。重新載入頁面，就能接著使用裡面保存的資料。',
  'storage-full': () => '磁碟已滿。已保存的都還在；請騰出空間，並立刻保存金鑰檔。',
  'storage-failed': () => '無法把鏈寫入磁碟，磁碟可能已滿。系統會再試；為了保險請保存金鑰檔。',
  'storage-not-owner': () => '另一個分頁接手了這個帳戶的儲存空間。請到那裡繼續，或重新載入這個分頁。',
  'storage-not-as-known': () => '儲存空間裡的內容和上次保存的不一樣，系統會全部重新保存。為了保險請保存金鑰檔。',
  'storage-other-network': () => '這裡保存的資料屬於另一個網路。',
  'storage-too-new': () => '這裡的資料由較新的版本寫入，請重新載入頁面以取得新版。',
  'storage-sql': () => '這個分頁的資料庫發生錯誤。請重新載入頁面；你的金鑰安全無虞。',
  'storage-damaged': () => '保存的鏈已損壞，正從其他分頁重新下載；你的金鑰安全無虞。',
  'storage-rolled-back': () =>
    '這個瀏覽器裡的鏈比上次存好的還舊，或是不見了：有頁面以外的東西把它還原或刪除。缺少的部分會從其他分頁補回來；你的金鑰安全無虞。請到紀錄看看最近的付款還在不在。',
  'storage-block-altered': () =>
    '這個瀏覽器裡有一個區塊被改過或損壞了。系統會從其他分頁重新下載，在那之前這個分頁無法把它傳給別人。你的金鑰和餘額安全無虞。',
  'own-transactions-altered': () => '這個瀏覽器裡等待中的交易被改動過，已移除，沒有送出。請查看紀錄，缺少的請再送一次。',
  'own-transactions-hidden': () =>
    '這台裝置有些付款不再等待區塊：這台裝置沒有保存的區塊裡已經有它們，或有同編號的其他付款。想知道是哪一種，請到「網路」頁改成保存所有區塊。',

  // 別人給的檔案
  'file-unreadable': () => '瀏覽器讀不到這個檔案。如果檔案被移動或改過，請重新選擇。',
  'file-too-large': (d) =>
    `這個檔案太大，分頁裡檢查不了${figure(d, 'maximum', (v) => `（上限 ${Math.round(Number(v) / 2 ** 20)} MiB）`)}。請改用 sqlite3 開啟。`,
  'file-not-sqlite': () => '這不是 SQLite 檔。請選擇 Tabchain 匯出的 .sqlite 檔。',
  'file-not-tabchain': () => '這個 SQLite 檔裡沒有區塊鏈。請選擇 Tabchain 匯出的檔案。',
  'file-too-old': () => '這個檔案是舊版 Tabchain 寫的。請用舊版檢查，或請對方重新匯出。',
  'file-too-new': () => '這個檔案是新版 Tabchain 寫的。請重新載入頁面以取得新版。',
  'file-foreign-tables': (d) =>
    `這個檔案裡有 Tabchain 不會寫的資料表、檢視或觸發程序${figure(d, 'name', (v) => `：「${v}」`)}。裡面的東西都沒有執行。請對方重新匯出。`,
  'file-recent-only': () => '這個檔案只有最新的區塊，無法從第一個區塊開始檢查。請從擁有整條鏈的分頁匯出。',
  'file-damaged': () => 'SQLite 讀不了這個檔案，檔案已損壞。請重新複製，或請對方重新匯出。',
  'file-other-network': (d) => `這個檔案屬於另一個網路${figure(d, 'label', (v) => `「${v}」`)}。請開啟那個網路的連結，再從那裡取用區塊。`,
  'file-row-altered': () => '這個檔案裡有一列被改過：算出來的雜湊值和它的編號不符。請對方重新匯出。',
  'file-row-differs': () => '這個檔案裡有一列的值和區塊算出來的不同。請對方重新匯出。',
  'file-row-missing': () => '這個檔案少了一列。請對方重新匯出。',
  'file-row-extra': () => '這個檔案裡有一列不是任何區塊算出來的。請對方重新匯出。',
  'file-silent': () => 'SQLite 處理這個檔案一直沒有結束，檢查已停止。請不要使用這個檔案。',
  'file-check-failed': () => '檢查這個檔案時出了問題，可能是記憶體不足。什麼都沒有改變；請關閉其他分頁再試。',
  'experiment-valid': () => '這沒有違反任何規則，不算實驗，所以沒有送出。',
  'experiment-too-large': () => '這個區塊太大，不能拿來做實驗。請選交易少一點的區塊。',
  'experiment-too-soon': () => '請等幾秒再做下一次實驗。',
  'experiment-parent-unknown': () => '這裡不知道這個區塊的前一個區塊。',

  // 網頁與 SQL 查詢
  'node-stopped': () => '這個分頁的節點已停止。請重新載入頁面，已保存的都還在。',
  'script-blocked': () => '這個網頁有一部分無法載入。請重新載入；若仍不行，請在內容阻擋器中允許本頁的指令碼。',
  'language-unavailable': (d) =>
    `${figure(d, 'name', (v) => v) || '這個語言'}的文字沒有下載成功，所以頁面維持原來的語言。請重新載入頁面，或等網頁的伺服器有回應時再試一次。`,
  'page-unreachable': () => '這個網頁的伺服器沒有回應，所以分頁先保留原樣。請稍後再試。',
  'clock-skew': () => '這台裝置的時鐘不準。請設為自動，否則區塊可能被拒絕。',
  'query-failed': (d) =>
    d['sqlite'] !== undefined
      ? `SQLite 回報：${String(d['sqlite'])}`
      : ({
          empty: '沒有可以執行的查詢。請寫一句，例如 SELECT name FROM accounts。',
          several: '一次只能執行一句查詢。',
          length: '查詢太長，最多 100,000 個字元。',
        }[String(d['own'])] ?? '查詢主控台出了問題，請再執行一次。'),
  'query-write': () => '這裡只能查詢；這一句會更動資料庫。',
  'query-timeout': () => '這個查詢花太久，已被停止。請加上 LIMIT 或更嚴的 WHERE。',
  'query-too-large': (d) =>
    d['columns'] !== undefined
      ? `結果會有 ${String(d['columns'])} 欄，最多只能顯示 ${String(d['maximum'])} 欄。請指定想看的欄位。`
      : d['bytes'] !== undefined
        ? '資料庫太大，無法在這個分頁裡複製一份。請匯出後用 sqlite3 查詢。'
        : '這個查詢用掉太多記憶體，已被停止。請減少列數，或用 substr() 只取一部分。',

  // 與其他分頁的連線、信令伺服器
  'link-closed': () => '和另一個分頁的連線已中斷，這個網頁會自動尋找其他分頁。',
  'signal-invalid': (d) =>
    d['what'] === 'too-many'
      ? '這個連結指定了太多信令伺服器，最多四個。'
      : d['what'] === 'insecure'
        ? `這個網頁是用 https 開的，瀏覽器只准它連 wss:// 的位址，但連結裡寫的是${figure(d, 'server', (v) => `「${v}」`)}。`
        : `連結裡的信令伺服器${figure(d, 'server', (v) => `「${v}」`)}不是 wss://example.org/signal 這樣的位址。請改正連結，或不用它繼續。`,
  'ice-server-invalid': (d) =>
    d['what'] === 'too-many'
      ? 'STUN 和 TURN 伺服器最多四個，請先移除一個。'
      : d['what'] === 'credentials'
        ? `TURN 伺服器${figure(d, 'server', (v) => `「${v}」`)}需要使用者名稱和密碼：turn:user:password@turn.example.org。`
        : `${figure(d, 'server', (v) => `「${v}」`)}不是 stun:stun.example.org 或 turn:user:password@turn.example.org:3478 這樣的位址。`,
  'room-key-invalid': (d) =>
    d['what'] === 'missing'
      ? '這個連結少了房間金鑰，請重新複製完整的連結。寫在 # 前面的金鑰已經傳給伺服器，不會採用，請重新產生一把。'
      : d['what'] === 'length'
        ? '連結裡的房間金鑰沒有複製完整，或是自己編的。單字或太短的金鑰很容易被猜到。請重新複製完整的連結，或到「網路」頁產生新的金鑰。'
        : '連結裡的房間金鑰打錯了，或是自己編的。請重新複製完整的連結，或到「網路」頁產生新的金鑰。',
  'signaling-version': () => '信令伺服器的版本不同。請重新載入頁面，或更新伺服器。',
  'message-invalid': () => `這個分頁和信令伺服器之間有一則訊息無法解讀。${RECONNECTS}`,
  'message-too-large': () => `這個分頁和信令伺服器之間有一則訊息太大。${RECONNECTS}`,
  'identity-unproven': () => `這個分頁沒能向信令伺服器證明自己的身分。${RECONNECTS}`,
  'already-joined': () => `這個分頁已經加入信令伺服器的房間。${RECONNECTS}`,
  'not-joined': () => `這個分頁還沒加入信令伺服器的房間。${RECONNECTS}`,
  'room-full': () => `信令伺服器已容納不下這個網路的更多分頁。${RECONNECTS}`,

  // 手動與其他分頁連線
  'code-invalid': (d) =>
    d['wrong']
      ? `網路代碼是六個英文字母，不會有「${String(d['wrong'])}」：不用數字，也不用 I、L、O、U。`
      : '網路代碼是六個英文字母，例如 BCD FGH。',
  'code-unknown': () => '沒有分頁回應這個代碼。請檢查字母，並請出示代碼的人讓那個分頁開著；用連結或 QR code 也可以。',
  'code-private': () => '私人房間沒有代碼，因為六個字母猜得出來。請改分享連結。',
  'network-in-use': () => '這個瀏覽器還保存著那個網路的帳戶。請先到那裡刪除帳戶，或保留這個網路。',
  'team-name-invalid': (d) => `隊名請用文字和數字，最多 ${String(d['most'] ?? 24)} 個。同一隊的人都要寫同樣的隊名。`,
  'invitation-unreadable': () => '這不是完整的邀請或回覆。請全部複製，或重新掃描。',
  'invitation-kind': (d) =>
    d['wanted'] === 'reply'
      ? '這是邀請，不是回覆。請在另一台裝置上開啟，那台裝置就會顯示回覆。'
      : '這是回覆，不是邀請。要交給發出邀請的那個分頁。',
  'invitation-version': () => '這是不同版本的網頁產生的。請在兩台裝置上都重新載入，再重新邀請一次。',
  'invitation-other-network': () => '這份邀請屬於另一個網路。請在新分頁開啟它的連結。',
  'invitation-own': () => '這是這個分頁自己產生的。請在另一台裝置上開啟邀請。',
  'invitation-expired': () => '這份邀請太舊了，或是時鐘不準。請對方重新邀請；如果還是不行，請把兩台裝置的時間都設為自動。',
  'invitation-too-many': () => '短時間內產生太多邀請了。請等半分鐘再試。',
  'reply-unknown': () => '這個瀏覽器裡沒有分頁在等這份回覆：邀請已經用過、太舊，或網頁重新載入過。請重新邀請一次。',
  'invitation-not-linked': () => '兩台裝置連不到彼此。請連上同一個 Wi-Fi，再重新邀請一次。有些學校的網路會把裝置隔開。',
  'webrtc-unavailable': () => '這個瀏覽器在這裡無法直接連線，所以不能手動邀請。請換一個瀏覽器。',
  'links-off': () => '這個分頁已中斷連線。請先到網路頁面重新連線，再試一次。',

  // 信令伺服器啟動時的設定
  'argument-unknown': (d) => `伺服器不認得這個參數${figure(d, 'argument', (v) => `：${v}`)}。請拿掉後再啟動。`,
  'port-invalid': (d) => `PORT 必須是 0 到 65535 的數字${figure(d, 'port', (v) => `，不能是「${v}」`)}。`,
  'port-busy': (d) => `連接埠${figure(d, 'port', (v) => ` ${v} `)}已被其他程式占用。請把 PORT 設成沒人用的連接埠。`,
  'port-forbidden': (d) => `這個使用者不能開啟連接埠${figure(d, 'port', (v) => ` ${v}`)}。請把 PORT 設為 1024 以上。`,
  'host-unavailable': (d) => `這台機器沒有${figure(d, 'host', (v) => `「${v}」`)}這個位址，請檢查 HOST。`,
  'metrics-token-invalid': () => 'METRICS_TOKEN 至少要有 16 個英文字母、數字或符號，不能有空格。',
  'redis-url-invalid': () => 'REDIS_URL 必須是 redis://localhost:6379 這樣的位址。',
  'allowed-hosts-invalid': (d) =>
    `ALLOWED_HOSTS 必須是主機名稱，中間用逗號隔開，例如 tabs.example.org${figure(d, 'host', (v) => `，不能是「${v}」`)}。`,
  'trust-proxy-invalid': (d) =>
    `TRUST_PROXY 必須是代理伺服器的數目或位址，例如 127.0.0.1 或 10.0.0.0/8${figure(d, 'value', (v) => `，不能是「${v}」`)}。`,
};
