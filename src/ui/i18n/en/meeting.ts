/** English texts about the ways to meet other tabs: servers, private rooms. */

export const enMeeting = {
  badLink: {
    withoutServers: 'Continue with this page’s own server',
    withoutIceServers: 'Continue without these servers',
    withoutKey: 'Open without the key',
    withoutKeyText: 'Without the key you do not meet the people who have it. You meet everybody else on this network.',
  },
};
