/** English texts of the pictures on the page of the network. */
export const enNetwork = {
  traffic: {
    title: 'Data sent and received',
    whose: 'Whose data',
    everyTab: 'All tabs',
    label: (received: string, sent: string) => `Data of the last ten minutes. At present ${received} received and ${sent} sent.`,
    minutesAgo: (minutes: number) => `−${minutes} min`,
    ago: (time: string) => `${time} ago`,
    now: 'now',
    since: 'Totals since this page was opened, without the bytes that the browser and the network add.',
    onePeer: 'Totals of the present connection to this tab.',
    failed: 'The chart could not be loaded, because the server of this page does not answer. The table below has the totals.',
  },
};
