/** English texts about the state of mining. */
export const enMining = {
  tabTitle: { mining: '⛏ Mining', paused: '⏸ Mining paused' },
  miningPause: {
    'no-account': 'Mining is on and waiting for the node.',
    'not-open': 'Mining will start then.',
    clock: 'Mining is paused: by this device’s clock, the last block is in the future.',
    syncing: 'Mining starts once the chain is up to date.',
    checking: 'Mining is paused until another tab confirms the newest block, because this device slept or changed its network.',
    stalled: 'Mining has stopped: the browser does not run the mining threads. They are being started again.',
  },
};
