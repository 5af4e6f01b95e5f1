/**
 * Stroke paths on a 24 × 24 grid. The package `@lucide/svelte` does not fit, because 25 of its icons, a component each, add 3.8 kB (gzip) to
 * the page.
 */
export const ICONS = {
  home: 'M4 11.5 12 4.5l8 7V20H4zM10 20v-5h4v5',
  transfer: 'M5 12h14M13 6l6 6-6 6',
  receive: 'M12 4v12m-5-5 5 5 5-5M5 20h14',
  history: 'M4 6h16M4 12h16M4 18h10',
  blocks: 'M4 9V6.5a1.5 1.5 0 0 1 1.5-1.5H10v4M4 9h16v10H4z',
  network:
    'M12 6.5 6 17M12 6.5 18 17M7.5 18h9M12 7a2.2 2.2 0 1 0 0-4.4A2.2 2.2 0 0 0 12 7ZM5.5 20.5a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4ZM18.5 20.5a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4Z',
  database: 'M5 6.5C5 4.8 8 3.5 12 3.5s7 1.3 7 3-3 3-7 3-7-1.3-7-3Zm0 0v11c0 1.7 3 3 7 3s7-1.3 7-3v-11M5 12c0 1.7 3 3 7 3s7-1.3 7-3',
  settings: 'M4 7h9M17 7h3M4 17h3M11 17h9M15 9.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4ZM9 19.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4Z',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM20.5 20.5 16 16',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
  check: 'M5 12.5 10 17.5 19.5 7',
  download: 'M12 4v11m-5-4 5 5 5-5M5 20h14',
  lock: 'M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3',
  alert: 'M12 4 21 20H3zM12 10v4.5M12 17.3v.2',
  close: 'M6 6l12 12M18 6 6 18',
  user: 'M12 11.5a3.7 3.7 0 1 0 0-7.4 3.7 3.7 0 0 0 0 7.4ZM4.5 20c1-4 4-5.5 7.5-5.5s6.5 1.5 7.5 5.5',
  key: 'M8 16.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 12.5h9M18 12.5V16',
  pick: 'M4 20 14 10M8 4.5c5 0 10 3 12 8-2.5-2-5-3-6-3.2M8 4.5c2 1 4.5 3 6 4.8',
  qr: 'M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2h-2zM18 18h2v2h-2zM18 14h2M14 18v2',
  receipt: 'M6 3.5h12v17l-3-2-3 2-3-2-3 2zM9.5 8.5h5M9.5 12.5h5',
  share: 'M12 15V4m-4 4 4-4 4 4M6 12H5v8h14v-8h-1',
  camera: 'M4 8h3.5L9 5.5h6L16.5 8H20v11H4zM12 16.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Z',
  left: 'M14.5 5.5 8 12l6.5 6.5',
  right: 'M9.5 5.5 16 12l-6.5 6.5',
  up: 'M7 17 17 7M9 7h8v8',
  down: 'M17 7 7 17M15 17H7V9',
  loop: 'M5 12a7 7 0 0 1 12-4.9L19 9M19 5v4h-4M19 12a7 7 0 0 1-12 4.9L5 15M5 19v-4h4',
} as const;

export type IconName = keyof typeof ICONS;
