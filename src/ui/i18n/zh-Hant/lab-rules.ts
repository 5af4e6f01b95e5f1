import type { enLabRules } from '../en/lab-rules.ts';

/** 實驗所違反的規則。`errors.ts` 的文字告訴使用者怎麼處理自己的付款，這裡則說明為什麼每個節點都拒收。 */
export const zhHantLabRules: typeof enLabRules = {
  'version-unsupported': '這個網路不認得區塊的版本。',
  'previous-wrong': '這個區塊說自己接在另一個區塊後面，鏈在這裡就斷了。',
  'height-wrong': '這個區塊的高度不是前一個區塊加一。',
  'time-not-after-parent': '這個區塊的時間沒有比前一個區塊晚。鏈上的時間只能往前，誰也不能把時鐘往回撥。',
  'bits-wrong': '這個區塊的難度和規則算出來的不一樣。每個節點都會自己算難度。',
  'seal-above-target': '這個區塊的雜湊不夠小。內容一改，雜湊就變了，工作量證明得重新找。',
  'history-root-wrong': '區塊標頭寫的前面區塊，和鏈上的不一樣。',
  'block-ancestor-invalid': '這個區塊接在被拒收的區塊後面，所以也會被每個節點拒收。',
  'transaction-root-wrong': '區塊標頭裡有全部交易的指紋。這些交易算出來的指紋不同，表示有人改過。',
  'block-duplicate-transaction': '區塊裡有兩筆相同的交易。',
  'supply-wrong': '這個區塊造出的幣，和區塊標頭寫的總量不一樣。',
  'state-root-wrong': '區塊標頭裡有區塊之後所有餘額的指紋。每個節點自己算出來的指紋都不一樣。',
  'amount-not-positive': '付款金額必須大於零。',
  'amount-too-large': '永遠不會有這麼多幣。',
  'sender-not-registered': '付款人的金鑰不在鏈上，沒有人能檢查簽章。',
  'nonce-already-used': '每個帳戶的付款都有序號，每個序號只算一次。這個序號的付款已經在鏈上了。',
  'nonce-gap': '每個帳戶的付款序號不能跳號，前面還少了一筆。',
  'balance-insufficient': '付款人的幣不夠付金額和手續費。每個節點查自己那一份鏈就知道。',
  'signature-invalid': '這個簽章是別的內容或別的金鑰簽的。改過的付款，只有金鑰的主人才能重新簽。',
  'experiment-parent-unknown': '這個分頁沒有前一個區塊，所以無法判斷。',
};
