/** English texts of the experiment about header times. */
export const enLabTimes = {
  lab: {
    title: 'Header times: who sets the clock?',
    goal: 'Pick the times of the next blocks yourself, and see what a naive rule of difficulty would do with them, and what the rules here do.',
    steps: {
      usual: 'Give all blocks true times: the usual time apart. The difficulty stays.',
      close: 'Lie: give the blocks times that are a millisecond apart. See both columns.',
      late: 'Give the first block a late time, and see how long its relief lasts.',
      back: 'Give a block a time before its parent, and find the rule that refuses it.',
      ahead: 'Give a block a time far in the future, and read what the others do with it.',
    },
    watch:
      'Miners write the times themselves, and nobody can prove a time. Under the naive rule a liar makes blocks as hard as he likes, so one lucky block outweighs many honest ones. Here a quick block raises the difficulty by 3 percent at most, or by 15 percent in the first 32 blocks of a chain.',
    questions: [
      'Why is a very hard block useful to somebody with little hash power?',
      'Why may the difficulty not simply stay the same for ever?',
      'Why is a header from the future not refused for good?',
      'Who would have to agree before the rule could change?',
    ],
  },
  bench: {
    title: 'The next blocks',
    intro: 'The grey rows are the newest real blocks. Below, you are the miner: choose times, or write your own. Nothing is mined or sent.',
    plans: 'Header times',
    plan: {
      usual: 'True times',
      close: '1 ms apart',
      late: 'One late block',
      back: 'Back in time',
      ahead: 'From the future',
    },
    columns: { block: 'Block', gap: 'Seconds after its parent', rule: 'Difficulty here, ×', naive: 'By a naive rule, ×' },
    gapOf: (height: string): string => `Block ${height}: seconds after its parent`,
    held: 'held back',
    noNumber: 'Write seconds with at most three decimals, such as 15 or 0.001.',
    refused: 'Every tab refuses this block and all blocks above it.',
    heldText: (seconds: string): string =>
      `No rule refuses a block from the future. A tab holds a header that is more than ${seconds} seconds ahead of its clock, and checks it again when the time has come.`,
    result: (rule: string, naive: string): string =>
      `The last block is ${rule} times as hard as a usual next block here, and ${naive} times under the naive rule. A single find of such a block outweighs as many usual blocks.`,
    note: 'Both columns are multiples of the difficulty of the next block at its usual time. The naive rule: a block that came in half the time makes the next one twice as hard. The other column is computed by the code that checks real blocks.',
  },
};
