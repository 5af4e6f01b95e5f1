import type { enKeys } from '../en/keys.ts';

/** 帳戶的金鑰，以及多個帳戶。 */
export const zhHantKeys: typeof enKeys = {
  keys: {
    change: '變更通關密語',
    changeText: '用新的通關密語重新加密這個瀏覽器裡的金鑰。之前存的金鑰檔仍要用舊的通關密語開啟，所以變更後請再存一份。',
    former: '目前的通關密語',
    next: '新的通關密語',
    repeat: '再輸入一次新的通關密語',
    changed: '通關密語已變更。請再存一份金鑰檔：舊的檔案仍用舊的通關密語。',
    autoLock: '沒有人使用這個分頁多久後鎖上金鑰',
    never: '不鎖',
    autoLockText: '金鑰鎖上後，要輸入通關密語才能付款或讀加密的備註；挖礦會繼續。',
    lockNow: '立刻鎖上',
    locked: '已鎖上',
    switch: '切換帳戶',
    switchTitle: '這個瀏覽器裡的帳戶',
    switchText: '一個分頁只開啟一個帳戶。切換後會停止替它挖礦，金鑰仍留在這個瀏覽器裡。',
    switchLead: (name) => `這個分頁開著 ${name}。它會留在這個瀏覽器裡，但在這裡停止挖礦。`,
    openHere: '目前開啟',
    addNew: '建立另一個帳戶',
    addOld: '開啟金鑰檔',
    nagShort: '金鑰只在這個瀏覽器裡。',
    nagNotKeptShort: '關掉分頁就會失去金鑰。',
  },
};
