import type { Messages } from '../en/messages.ts';

/** 與其他分頁相遇的方式：伺服器、私人房間。 */
export const zhHantMeeting: Pick<Messages, 'badLink'> = {
  badLink: {
    withoutServers: '改用這個網頁自己的伺服器',
    withoutIceServers: '不用這些伺服器，繼續開啟',
    withoutKey: '不用金鑰開啟',
    withoutKeyText: '沒有金鑰就遇不到有金鑰的人，只會遇到這個網路上的其他人。',
  },
};
