import type { enLabSignature } from '../en/lab-signature.ts';
import { number } from './numbers.ts';

/** 簽章實驗的文字。 */
export const zhHantLabSignature: typeof enLabSignature = {
  lab: {
    title: '簽章：改一個字就對不上',
    goal: '用自己帳戶的金鑰簽一段文字，只改一個字或一個位元，從數字看出檢查為什麼失敗。',
    steps: {
      sign: '寫一句話，然後簽章。',
      power: '把滑桿從 s 拉到 s^65537，在結果的最後面找到摘要。',
      letter: '改掉文字裡的一個字。',
      bit: '把文字改回來，再翻轉簽章的一個位元。',
      back: '全部還原，讓檢查再次通過。',
      payment: '打開一筆真的付款比較看看：它的簽章也是這樣檢查的。',
    },
    watch: '改文字，變的是從位元組算出的摘要，從簽章算出的摘要不變；改簽章，整段結果連填充都會變。',
    questions: [
      '改一個字時，兩個摘要裡變的是哪一個？另一個為什麼不變？',
      '為什麼只翻轉簽章的一個位元，連填充都毀了？',
      '別人要冒你的名簽改過的文字，需要什麼？',
    ],
  },
  bench: {
    title: '你的簽章',
    secret: '私鑰一直留在節點的執行緒裡；頁面只拿到簽章和公鑰。',
    about: '固定文字、網路 ID 和你的文字；所以這個簽章不能拿去付款，也不能用在別的網路。',
    text: '要簽的文字',
    textHint: '例如：我欠小明 5 幣。',
    changeHint: '簽完之後改改看，就像偽造的人那樣；下面的簽章不會跟著變。',
    sign: '簽章',
    reset: '全部還原',
    bit: (last) => `簽章的第幾個位元（0 到 ${number(last)}）`,
    bitInvalid: (last) => `請輸入 0 到 ${number(last)} 的整數。`,
    flip: '翻轉這個位元',
    flipBack: '翻回來',
    valid: (name) => `有效：${name} 簽的正是這段文字。`,
    invalid: '無效。',
    same: '文字和簽章都和你簽的時候一樣。',
    otherText: '文字和你簽的不一樣了。',
    difference: (bits) => `摘要的 256 個位元裡有 ${bits} 個變了。`,
    otherBit: (bit) => `簽章的第 ${number(bit)} 個位元翻轉了，其餘 2,047 個和你簽的一樣。`,
    records: {
      sign: (text, signature) => `你簽了「${text}」，簽章是 ${signature}。`,
      letter: (text, bits, before, after) =>
        `改成「${text}」後，從位元組算出的摘要由 ${before} 變成 ${after}，256 個位元裡變了 ${bits} 個；從簽章算出的摘要仍是 ${before}。代碼：signature-invalid。`,
      bit: (bit) => `翻轉第 ${number(bit)} 個位元後，s^e mod n 得到另一段結果，填充也不見了。代碼：signature-invalid。`,
    },
    nodeAsked: '你的節點也在檢查……',
    nodeValid: '你的節點也檢查過了，接受。',
    nodeInvalid: '你的節點也檢查過了，拒絕：signature-invalid。',
  },
};
