import type { enLabSignature } from '../en/lab-signature.ts';
import { number } from './numbers.ts';

/** 署名の実験の文言。 */
export const jaLabSignature: typeof enLabSignature = {
  lab: {
    title: '署名：1 文字違えば、何も合わない',
    goal: 'アカウントの鍵で文に署名し、1 文字か 1 ビットだけ変えて、検証に失敗する理由を数で見ます。',
    steps: {
      sign: '文を書いて署名する。',
      power: 'つまみを s から s^65537 まで動かし、ブロックの最後にダイジェストを見つける。',
      letter: '文を 1 文字変える。',
      bit: '文を元に戻し、署名を 1 ビット反転する。',
      back: 'すべてを元に戻し、検証がまた成功するようにする。',
      payment: '本物の支払いを開いて比べる：その署名も同じ方法で検証される。',
    },
    watch:
      '文を変えると、バイト列からのダイジェストが変わり、署名からのダイジェストは変わりません。署名を変えると、詰め物も含めて全体が変わります。',
    questions: [
      '文字を変えたとき、変わったのは 2 つのダイジェストのどちらで、もう一方が変わらないのはなぜでしょうか。',
      '署名の 1 ビットが、詰め物まで壊したのはなぜでしょうか。',
      '変えた文に、誰かがあなたの名前で署名するには、何が必要でしょうか。',
    ],
  },
  bench: {
    title: 'あなたの署名',
    secret: '秘密鍵は、ノードのスレッドから出ません。ページが受け取るのは、署名と公開鍵だけです。',
    about: '決まった文字列、ネットワーク、あなたの文です。だから、この署名を支払いや別のネットワークに使うことは誰にもできません。',
    text: '署名する文',
    textHint: '例：ming に 5 コイン借りています。',
    changeHint: '署名した後で、偽造者のように変えてみましょう。下の署名は変わりません。',
    sign: '署名する',
    reset: 'すべてを元に戻す',
    bit: (last) => `署名のビット（0～${number(last)}）`,
    bitInvalid: (last) => `0～${number(last)} の整数を入力してください。`,
    flip: 'このビットを反転',
    flipBack: '反転を戻す',
    valid: (name) => `有効：${name} が、まさにこの文に署名しました。`,
    invalid: '無効です。',
    same: '文と署名は、署名したときのままです。',
    otherText: '文が、署名したときと違います。',
    difference: (bits) => `ダイジェストの 256 ビットのうち ${bits} ビットが変わりました。`,
    otherBit: (bit) => `署名のビット ${number(bit)} が反転しています。他の 2,047 ビットは署名したときのままです。`,
    records: {
      sign: (text, signature) => `「${text}」に署名しました。署名は ${signature} です。`,
      letter: (text, bits, before, after) =>
        `「${text}」では、バイト列からのダイジェストが ${before} から ${after} に変わりました。256 ビットのうち ${bits} ビットです。署名からのダイジェストは ${before} のままでした。コード：signature-invalid。`,
      bit: (bit) => `ビット ${number(bit)} を反転すると、s^e mod n は詰め物のない別のブロックになりました。コード：signature-invalid。`,
    },
    nodeAsked: 'ノードも検証しています…',
    nodeValid: 'ノードも検証し、受け入れました。',
    nodeInvalid: 'ノードも検証し、拒否しました：signature-invalid。',
  },
};
