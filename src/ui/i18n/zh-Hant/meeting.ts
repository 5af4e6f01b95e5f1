import type { enMeeting } from '../en/meeting.ts';

/** 與其他分頁相遇的方式：連線狀態、伺服器、私人房間。 */
export const zhHantMeeting: typeof enMeeting = {
  badLink: {
    withoutServers: '改用這個網頁自己的伺服器',
    withoutIceServers: '不用這些伺服器，繼續開啟',
    withoutKey: '不用金鑰開啟',
    withoutKeyText: '沒有金鑰就遇不到有金鑰的人，只會遇到這個網路上的其他人。',
  },
  linkState: {
    online: { label: '已連線', text: '已和其他分頁直接連線，不需要做任何事。' },
    relayed: { label: '轉送', text: '目前只能透過伺服器轉送。可以正常使用；換個網路，或在設定加入 TURN 伺服器，可能會更快。' },
    alone: { label: '只有你', text: '這裡還沒有別人。請在另一個分頁或另一台裝置開啟加入連結；這個分頁的區塊鏈已經可以使用。' },
    offline: { label: '離線', text: '連不上伺服器，也沒有連上任何分頁。請檢查這台裝置的網路；這個分頁的區塊鏈仍可使用。' },
    searching: { label: '尋找中', text: '正在尋找其他分頁；這個分頁的區塊鏈已經可以使用。' },
  },
  met: { hand: '手動連線', peers: '經其他分頁介紹' },
  servers: {
    title: '伺服器',
    signaling: '信令伺服器',
    signalingText: '幫分頁互相介紹；無法直接連線時，也幫忙轉送資料。',
    noSignaling: '沒有。同一個瀏覽器的分頁會自己找到彼此，已連線的分頁也會互相介紹。',
    ice: 'STUN 與 TURN 伺服器',
    iceText: '幫助分頁穿過路由器直接連線。STUN 伺服器會知道你的位址，TURN 伺服器會轉送加密過的資料。',
    noIce: '沒有，所以這個網頁不會連到第三方。',
    source: { link: '來自連結', page: '來自這個網頁', device: '自己加入的' },
    address: '伺服器位址',
    hint: 'wss://example.org/signal、stun:stun.example.org 或 turn:user:password@turn.example.org:3478',
    add: '加入',
    remove: '移除',
    removeWhat: (address) => `移除 ${address}`,
    kept: '加入的伺服器只存在這台裝置、只用於這個網路，TURN 密碼沒有加密。加入連結會帶上你加入的信令伺服器，但不會帶上 STUN 與 TURN 伺服器。',
  },
  room: {
    title: '私人房間',
    inside: '你在私人房間裡，只有拿到完整連結的人才會在這裡相遇。伺服器看不懂你們互相介紹的內容，也無法偽造。',
    insideShare: '加入連結裡有金鑰，只給你想在這裡遇到的人。收據的連結不含金鑰。',
    outside: '知道這個網路名稱的人都能加入。帶有金鑰的連結會開啟私人房間：沒有金鑰的人遇不到你。',
    make: '產生私人連結',
    makeAnother: '換一把金鑰，產生新連結',
    made: '這是帶有隨機金鑰的新連結。請私下傳給對方：拿到連結就等於拿到金鑰。金鑰弄丟了，沒有人能找回。',
    link: '私人連結',
    qr: '私人連結的 QR Code',
    open: '在這裡開啟',
  },
};
