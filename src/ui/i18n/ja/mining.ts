import type { enMining } from '../en/mining.ts';

/** マイニングの状態の文言。 */
export const jaMining: typeof enMining = {
  tabTitle: { mining: '⛏ マイニング中', paused: '⏸ マイニング中断' },
  miningPause: {
    'no-account': 'マイニングはオンで、ノードを待っています。',
    'not-open': 'マイニングはそのとき始まります。',
    clock: 'マイニングを中断しています：この端末の時計では、最後のブロックが未来のものになっています。',
    syncing: 'チェーンが最新になると、マイニングが始まります。',
    checking:
      'マイニングを中断しています：この端末がスリープしたか、ネットワークが変わったため、別のタブが最新のブロックを確認するのを待っています。',
    stalled: 'マイニングが止まりました：ブラウザーがマイニングのスレッドを動かしていません。起動し直しています。',
  },
};
