/** The questions of the SQL lab. The tab asks its own database for the answer, so the answers differ from network to network. */

export const MYSTERIES = ['miner', 'payment', 'crowded', 'supply', 'generous'] as const;
export type Mystery = (typeof MYSTERIES)[number];

/** Each gives every right answer in its first column: several people may share the first place. */
export const ANSWERS: Readonly<Record<Mystery, string>> = {
  // Who found most blocks?
  miner: 'SELECT coalesce(name, address) FROM accounts WHERE mined > 0 AND mined = (SELECT max(mined) FROM accounts)',
  // How many coins had the largest payment?
  payment: 'SELECT coins FROM transfers WHERE coins = (SELECT max(coins) FROM transfers) LIMIT 1',
  // Which block has most transactions?
  crowded: `SELECT height FROM blocks
WHERE transaction_count > 0 AND transaction_count = (SELECT max(transaction_count) FROM blocks) LIMIT 1000`,
  // How many coins exist?
  supply: 'SELECT supply / 1e6 FROM blocks ORDER BY height DESC LIMIT 1',
  // Who paid most often?
  generous: 'SELECT coalesce(name, address) FROM accounts WHERE nonce > 0 AND nonce = (SELECT max(nonce) FROM accounts)',
};

/** Whether an answer that a person typed is one of the right answers: in any case, with commas in numbers, or with "@" before a name. */
export function isRight(typed: string, answers: readonly (string | number | null)[]): boolean {
  const given = tidy(typed);
  if (given === '') return false;
  return answers.some((answer) => {
    if (answer === null) return false;
    if (typeof answer === 'string') return tidy(answer) === given;
    const number = Number(given.replaceAll(',', ''));
    return Number.isFinite(number) && Math.abs(number - answer) < 1e-6;
  });
}

const tidy = (text: string): string => text.normalize('NFKC').trim().toLowerCase().replace(/^@/, '');
