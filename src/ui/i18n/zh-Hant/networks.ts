import type { enNetworks } from '../en/networks.ts';

const number = new Intl.NumberFormat('zh-TW');

/** 加入、建立與尋找網路的文字。 */
export const zhHantNetworks: typeof enNetworks = {
  networks: {
    title: '各個網路',
    lead: '每個網路都有自己的鏈、自己的幣和自己的人。網路不屬於任何人，打開連結就能加入。',
    you: '你現在在',
    other: '換一個網路，或建立新的',
    joinTitle: '用代碼加入',
    joinText: '黑板或螢幕上有六個英文字母嗎？在這裡輸入。',
    code: '代碼',
    find: '尋找網路',
    finding: '正在詢問出示這個代碼的分頁…',
    found: '這個代碼是',
    enter: '打開這個網路',
    hereTitle: '目前的網路',
    hereText: '有了短代碼，別人就不必輸入整串連結。這個頁面開著的時候，你的分頁會回應這個代碼。',
    showCode: '顯示代碼',
    hideCode: '收起代碼',
    shown: '其他人打開這個網站，在「各個網路」輸入代碼就能加入；這段時間請讓這個頁面開著。代碼只供當天使用，連結則一直有效。',
    createTitle: '建立網路',
    createText: '給一個班級、一個社團，或一場比賽。規則寫在連結裡，之後不能更改。',
    name: '名稱',
    nameHint: '英文小寫字母、數字和連字號，例如 class-3b',
    kind: '類型',
    presets: {
      class: { title: '45 分鐘的課', text: '每 5 秒一個區塊；每個註冊的人都拿到 100 幣，馬上就能付款。' },
      semester: { title: '一學期', text: '每分鐘一個區塊，獎勵較少，註冊拿到 100 幣。用幾個月，鏈還是很小。' },
      race: { title: '比賽', text: '每 2 秒一個區塊，沒有免費的幣；每 100 個區塊獎勵減半。' },
    },
    rules: '詳細規則',
    fields: {
      seconds: { label: '區塊間隔（秒）', hint: '平均值，0.2 到 86,400' },
      subsidy: { label: '獎勵', hint: '每個區塊的幣' },
      grant: { label: '註冊金', hint: '每次註冊的幣' },
      halving: { label: '減半的間隔（區塊）', hint: '0 表示不減半' },
      kibibytes: { label: '區塊大小上限（KiB）', hint: '4 到 4,096' },
    },
    create: '建立',
    made: '這個連結會開啟網路',
    madeText: '打開連結、註冊、開始挖礦，再回到這一頁顯示代碼，讓其他人加入。',
    knownTitle: '這台裝置開過的網路',
    here: '目前開著',
    private: '私人房間',
    height: (height) => `區塊 ${number.format(height)}`,
    forget: '從清單移除',
  },
};
