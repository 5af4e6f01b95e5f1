import { count, number } from './numbers.ts';

const tabs = (n: number): string => count(n, 'tab', 'tabs');

/** English texts of the pictures on the page of the network. */
export const enNetwork = {
  map: {
    title: 'Map of the network',
    label: (linked: number) => `Map: this tab and ${tabs(linked)} connected with it. Arrow keys move between the tabs.`,
    fullScreen: 'Full screen',
    you: 'you',
    thisTab: 'This tab',
    tab: (id: string) => `Tab ${id}`,
    /** Between the facts in the name of a tab. */
    factGap: ', ',
    milliseconds: (n: number) => `${number(n)} ms`,
    stranger: 'known through other tabs',
    strangerText: 'This tab has no connection to it. Other tabs say that they have.',
    summary: (linked: number, others: number) =>
      linked === 0
        ? 'No other tab is connected yet.'
        : `${tabs(linked)} connected with this one${others === 0 ? '.' : `, and ${number(others)} more known through them.`}`,
    unready: (n: number) => `${tabs(n)} more: the connection is being made, or gives no answer.`,
    hidden: (n: number) => `${number(n)} more are known and do not fit on the map.`,
    hint: 'Point at a tab, or choose it, to see what is known about it.',
    peerId: 'Id',
    met: 'How they met',
    meetings: {
      server: 'through a signaling server',
      browser: 'in this browser',
      peers: 'through another tab',
      hand: 'by hand',
    },
    standing: { agrees: 'same chain', differs: 'another branch, or ahead', unknown: 'chain not known' },
    keeps: 'Blocks',
    whole: 'whole chain',
    recent: (base: number) => `above height ${number(base)}`,
    links: 'Connections',
    through: 'Known through',
    program: 'Program',
    servers: 'Signaling servers',
    legend: {
      agrees: 'same chain as this tab',
      differs: 'another branch, or ahead',
      unknown: 'chain not known',
      length: 'The longer the line from you, the longer the delay.',
    },
    ways: {
      offline: 'This tab is disconnected. Nobody can find it until you connect it again.',
      server: 'New tabs find this one through the signaling server. If the server stops, the connected tabs introduce new ones.',
      peers:
        'No signaling server answers. The connected tabs go on, and introduce new tabs to each other; tabs of this browser find each other too.',
      'none-reached': 'No signaling server answers, and no tab is connected. Tabs of this browser still find each other.',
      'no-server': 'This page has no signaling server. The connected tabs introduce new ones, and tabs of this browser find each other.',
      'no-server-alone': 'This page has no signaling server. Tabs of this browser find each other.',
    },
  },
  invite: {
    needs: 'A newcomer needs a browser that can load this page once. Any one tab that it reaches introduces it to the others.',
  },
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
  },
};
