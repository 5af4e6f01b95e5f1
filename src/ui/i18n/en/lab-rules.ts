/** English explanations of the rules that experiments break. The texts of `errors.ts` tell people how to go on with a payment of their own; these tell students why every node refuses. */
export const enLabRules = {
  'version-unsupported': 'The block has a version that this network does not know.',
  'previous-wrong': 'The block names another block as the block before. So the chain breaks at this place.',
  'height-wrong': 'The block’s height is not one more than that of the block before.',
  'time-not-after-parent':
    'The block claims to be as old as the block before, or older. Times in the chain only grow, so that nobody can turn the clock back.',
  'bits-wrong': 'The block was to be easier, or harder, than the rules ask. Every node computes the difficulty itself.',
  'seal-above-target': 'The block’s hash is not small enough. A change gives another hash, so the proof of work must be searched again.',
  'history-root-wrong': 'The header names other earlier blocks than the chain has.',
  'block-ancestor-invalid': 'The block comes after a refused block, so every node refuses this block as well.',
  'transaction-root-wrong':
    'The header has the fingerprint of all transactions in the block. These transactions have another fingerprint, so somebody altered them.',
  'block-duplicate-transaction': 'The block holds the same transaction twice.',
  'supply-wrong': 'The block would bring more, or fewer, coins into existence than its header says.',
  'state-root-wrong':
    'The header has the fingerprint of all balances after the block. Every node computes the balances itself, and gets another fingerprint.',
  'amount-not-positive': 'A payment moves more than nothing.',
  'amount-too-large': 'So many coins can never exist.',
  'sender-not-registered': 'The sender’s key is not on the chain, so nobody could check the signature.',
  'nonce-already-used': 'Each account numbers its payments, and each number counts once. The chain already has a payment with this number.',
  'nonce-gap': 'Each account numbers its payments without gaps, and an earlier number is missing.',
  'balance-insufficient': 'The sender has fewer coins than the amount and the fee. Each node knows this from its own copy of the chain.',
  'signature-invalid': 'The signature belongs to other bytes or to another key. Only the owner of the key can sign the altered payment.',
  'experiment-parent-unknown': 'This tab does not know the block before, so it cannot judge the block.',
};
