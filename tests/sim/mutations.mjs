/**
 * Deliberate faults, put into the compiled source while it is loaded: `npm run sim -- --mutation NAME --seeds 200` must find each.
 * `find` matches the compiled file, which has no needless spaces.
 */
export const MUTATIONS = {
  /** The miner of a block with fees gets one unit too much. Undoing the block takes the unit back. */
  supply: {
    file: '/src/consensus/block.ts',
    find: /subsidy\s*\+\s*feesOf\(transactions\)/,
    replace: '$&+(feesOf(transactions)>0?1:0)',
  },
  /** Undoing a registration leaves the name in the table of accounts. */
  name: {
    file: '/src/storage/sql/accounts.ts',
    find: /registration\?\.name\s*!==\s*old\?\.registration\?\.name/,
    replace: 'registration&&registration.name!==old?.registration?.name',
  },
  /** Undoing a block does not update the state tree. */
  root: {
    file: '/src/chain/chain-state.ts',
    find: /(this\.store\.putSideBlock\(block\);\s*)take\(effect\)/,
    replace: '$1void take',
  },
  /** The node waits for ever for a peer that sends headers and never their blocks. */
  patience: {
    file: '/src/net/peer-limits.ts',
    find: /(CATCH_UP_PATIENCE_MS\s*=\s*)[\d_e]+/,
    replace: '$1 1e12',
  },

  // In the link maker, for `npm run sim:rooms`

  /** A tab takes every link that others ask for. */
  slots: {
    file: '/src/webrtc/slots.ts',
    find: /incoming\.length\s*<\s*MAX_INCOMING_LINKS/,
    replace: 'true',
  },
  /** A tab whose place another tab takes keeps its link. */
  displaced: {
    file: '/src/webrtc/open-links.ts',
    find: /if\s*\(admission\.leaves\)/,
    replace: 'if(false)',
  },
  /** No relayed link is sought beside a dial or after it. */
  relays: {
    file: '/src/webrtc/relayed-links.ts',
    find: /(seek\(remote\)\s*\{)/,
    replace: '$1 return;',
  },
};
