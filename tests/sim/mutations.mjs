/**
 * Deliberate faults, put into the compiled source while it is loaded: what the simulator must find. Never part of the program.
 * `find` is matched against what the compiler makes of the file.
 */
export const MUTATIONS = {
  /** The miner of a block with fees gets a unit too much, and gives it back when the block is undone. */
  supply: {
    file: '/src/consensus/transaction.ts',
    find: /balance: account\.balance \+ units/,
    replace: 'balance: account.balance + units + (units > 50000000 && units % 7 === 0 ? 1 : 0)',
  },
};
