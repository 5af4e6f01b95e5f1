/** English texts about notifications of the system. */

export const enNotices = {
  notices: {
    title: 'Notifications',
    choice: 'Notify me of payments while I look at something else',
    text: 'Your browser shows them, from this tab, while the tab is open.',
    denied:
      'Your browser blocks notifications of this page. Allow them in the settings of the browser for this page, then choose here again.',
    unavailable:
      'This browser offers no notifications here. Most browsers offer them on https and localhost, and iPhones once the page is on the home screen.',
  },
};
