/** English texts about the state of mining. */
export const enMining = {
  miningPause: {
    syncing: 'Mining starts once the chain is up to date.',
    checking: 'Mining is paused until another tab confirms the newest block, because this device slept or changed its network.',
    stalled: 'Mining has stopped: the browser does not run the mining threads. They are being started again.',
  },
};
