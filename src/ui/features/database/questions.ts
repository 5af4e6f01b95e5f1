import type { Messages } from '../../i18n/en/messages.ts';

export interface Question {
  key: keyof Messages['database']['questions'];
  sql: string;
}

/** Sample queries on the database's own tables and views. */
export const QUESTIONS: readonly Question[] = [
  { key: 'miners', sql: 'SELECT name, blocks, reward_coins, last_block, address\nFROM miners\nLIMIT 20' },
  { key: 'richest', sql: 'SELECT rank, name, coins, round(percent, 2) AS percent, transfers_sent, address\nFROM rich_list\nLIMIT 20' },
  {
    key: 'transfers',
    sql: 'SELECT height, time_utc, sender_name, recipient_name, coins, fee_coins, memo, confirmations\nFROM transfers\nLIMIT 50',
  },
  {
    key: 'interval',
    sql: `SELECT height, round((time - lag(time) OVER (ORDER BY height)) / 1000.0, 1) AS seconds, difficulty
FROM blocks
WHERE height > 1
ORDER BY height DESC
LIMIT 50`,
  },
  {
    key: 'supply',
    sql: `SELECT
  (SELECT sum(balance) FROM accounts) / 1e6 AS coins_owned,
  supply / 1e6 AS coins_in_existence,
  (SELECT sum(balance) FROM accounts) = supply AS equal
FROM blocks
ORDER BY height DESC
LIMIT 1`,
  },
  {
    key: 'fees',
    sql: `SELECT height, transaction_count, fees / 1e6 AS fee_coins, size
FROM blocks
WHERE transaction_count > 0
ORDER BY height DESC
LIMIT 50`,
  },
];
