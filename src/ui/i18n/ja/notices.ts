import type { enNotices } from '../en/notices.ts';

/** システムの通知の文言。 */
export const jaNotices: typeof enNotices = {
  notices: {
    title: '通知',
    choice: '他のものを見ている間に、支払いを通知する',
    text: 'このタブが開いている間、ブラウザーがこのタブからの通知を表示します。',
    denied: 'ブラウザーがこのページの通知を止めています。ブラウザーの設定でこのページに許可してから、ここでもう一度選んでください。',
    unavailable:
      'このブラウザーは、ここでは通知を表示できません。多くのブラウザーは https と localhost で、iPhone はホーム画面に追加したページで表示できます。',
  },
};
