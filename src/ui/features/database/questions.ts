/** Groups of questions, from the first SELECT to recursion. */
export const GROUPS = ['look', 'count', 'join', 'time', 'window', 'recursive'] as const;
export type Group = (typeof GROUPS)[number];

/** A question on the own chain. The languages have its title, and what its statement teaches. */
export interface Question {
  readonly key: QuestionKey;
  readonly group: Group;
  readonly sql: string;
}

const LOOK = {
  newest: `SELECT height, time_utc, miner_name, transaction_count, confirmations
FROM block_list
LIMIT 10`,
  names: `SELECT name, address, balance
FROM accounts
WHERE name IS NOT NULL
ORDER BY name`,
  richest: `SELECT rank, name, coins, round(percent, 2) AS percent, address
FROM rich_list
LIMIT 20`,
  payments: `SELECT height, time_utc, sender_name, recipient_name, coins, memo
FROM transfers
LIMIT 20`,
  memos: `SELECT height, sender_name, recipient_name, memo
FROM transfers
WHERE memo LIKE '%a%'
LIMIT 20`,
  idle: `SELECT height, time_utc, miner_name, size
FROM block_list
WHERE transaction_count = 0 AND height > 0
LIMIT 20`,
} as const;

const COUNT = {
  totals: `SELECT
  count(*) AS blocks,
  max(height) AS height,
  sum(transaction_count) AS transactions,
  sum(size) AS bytes
FROM blocks`,
  kinds: `SELECT kind, count(*) AS transactions, sum(fee) / 1e6 AS fee_coins
FROM transactions
GROUP BY kind`,
  miners: `SELECT name, blocks, reward_coins, last_block, address
FROM miners
LIMIT 20`,
  generous: `SELECT sender_name, count(*) AS payments, sum(coins) AS coins
FROM transfers
GROUP BY sender_address
HAVING count(*) >= 2
ORDER BY coins DESC`,
  sizes: `SELECT
  min(size) AS smallest,
  round(avg(size)) AS average,
  max(size) AS largest,
  round(avg(transaction_count), 2) AS transactions
FROM blocks
WHERE height > 0`,
  different: `SELECT
  count(*) AS payments,
  count(DISTINCT sender) AS senders,
  count(DISTINCT recipient) AS recipients
FROM transactions
WHERE kind = 'transfer'`,
} as const;

const JOIN = {
  rewards: `SELECT b.height, a.name, (b.subsidy + b.fees) / 1e6 AS coins, a.address
FROM blocks AS b
JOIN accounts AS a ON a.id = b.miner
ORDER BY b.height DESC
LIMIT 20`,
  everyone: `SELECT a.name, count(b.height) AS blocks, a.address
FROM accounts AS a
LEFT JOIN blocks AS b ON b.miner = a.id
GROUP BY a.id
ORDER BY blocks, a.name
LIMIT 50`,
  pairs: `SELECT
  s.name AS sender_name,
  r.name AS recipient_name,
  count(*) AS payments,
  sum(t.amount) / 1e6 AS coins
FROM transactions AS t
JOIN accounts AS s ON s.id = t.sender
JOIN accounts AS r ON r.id = t.recipient
WHERE t.id > (SELECT max(id) - 1000 * 65536 FROM transactions)
GROUP BY t.sender, t.recipient
ORDER BY coins DESC
LIMIT 30`,
  supply: `SELECT
  (SELECT sum(balance) FROM accounts) / 1e6 AS coins_owned,
  supply / 1e6 AS coins_in_existence,
  (SELECT sum(balance) FROM accounts) = supply AS equal
FROM blocks
ORDER BY height DESC
LIMIT 1`,
  silent: `SELECT name, balance / 1e6 AS coins, address
FROM accounts AS a
WHERE name IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM transactions AS t WHERE t.sender = a.id AND t.kind = 'transfer')
LIMIT 50`,
  classes: `SELECT
  CASE
    WHEN transaction_count = 0 THEN 'empty'
    WHEN transaction_count < 5 THEN 'a few'
    ELSE 'busy'
  END AS class,
  count(*) AS blocks,
  round(avg(size)) AS average_bytes
FROM blocks
WHERE height > 0
GROUP BY class
ORDER BY blocks DESC`,
} as const;

const TIME = {
  hours: `SELECT
  strftime('%Y-%m-%d %H:00', time / 1000, 'unixepoch') AS hour,
  count(*) AS blocks,
  sum(transaction_count) AS transactions
FROM blocks
WHERE height > 0
GROUP BY hour
ORDER BY hour DESC
LIMIT 48`,
  fees: `SELECT height, fees / 1e6 AS fee_coins, transaction_count, size
FROM blocks
WHERE fees > 0
ORDER BY height DESC
LIMIT 50`,
  units: `SELECT amount, amount / 1000000 AS whole_coins, amount / 1e6 AS coins, printf('%.6f', amount / 1e6) AS text
FROM transactions
WHERE amount > 0
ORDER BY amount
LIMIT 10`,
  statement: `SELECT height, 'mined' AS what, (subsidy + fees) / 1e6 AS coins FROM blocks WHERE miner = 1
UNION ALL
SELECT height, 'received', amount / 1e6 FROM transactions WHERE recipient = 1
UNION ALL
SELECT height, 'paid', -(amount + fee) / 1e6 FROM transactions WHERE sender = 1 AND kind = 'transfer'
ORDER BY height DESC
LIMIT 50`,
} as const;

const WINDOW = {
  intervals: `SELECT height, (time - lag(time) OVER (ORDER BY height)) / 1000.0 AS seconds
FROM blocks
WHERE height > 0
ORDER BY height DESC
LIMIT 100`,
  growth: `SELECT height, sum(transaction_count) OVER (ORDER BY height) AS transactions_so_far
FROM blocks
ORDER BY height
LIMIT 10000`,
  smooth: `SELECT
  height,
  size,
  round(avg(size) OVER (ORDER BY height ROWS 9 PRECEDING)) AS average_of_ten
FROM blocks
WHERE height > 0
ORDER BY height DESC
LIMIT 200`,
  largest: `SELECT sender_name, place, coins, recipient_name, height
FROM (
  SELECT *, row_number() OVER (PARTITION BY sender_address ORDER BY coins DESC) AS place
  FROM transfers
  WHERE id > (SELECT max(id) - 1000 * 65536 FROM transactions)
)
WHERE place <= 3
ORDER BY sender_name, place
LIMIT 60`,
} as const;

const RECURSIVE = {
  balance: `WITH movement(height, units) AS (
  SELECT height, subsidy + fees FROM blocks WHERE miner = 1
  UNION ALL
  SELECT height, amount FROM transactions WHERE recipient = 1
  UNION ALL
  SELECT height, granted - amount - fee FROM transactions WHERE sender = 1
)
SELECT height, sum(sum(units)) OVER (ORDER BY height) / 1e6 AS balance
FROM movement
GROUP BY height
ORDER BY height
LIMIT 10000`,
  runs: `WITH run AS (
  SELECT height, miner, height - row_number() OVER (PARTITION BY miner ORDER BY height) AS number
  FROM blocks
  WHERE height > 0
)
SELECT a.name, count(*) AS blocks_in_a_row, min(height) AS first_block, max(height) AS last_block, a.address
FROM run
JOIN accounts AS a ON a.id = run.miner
GROUP BY miner, number
ORDER BY blocks_in_a_row DESC
LIMIT 20`,
  histogram: `WITH RECURSIVE
  bucket(seconds) AS (SELECT 0 UNION ALL SELECT seconds + 5 FROM bucket WHERE seconds < 55),
  gap(ms) AS (SELECT time - lag(time) OVER (ORDER BY height) FROM blocks WHERE height > 0)
SELECT bucket.seconds || ' s' AS at_least, count(gap.ms) AS blocks
FROM bucket
LEFT JOIN gap ON gap.ms >= bucket.seconds * 1000 AND gap.ms < (bucket.seconds + 5) * 1000
GROUP BY bucket.seconds`,
  trail: `WITH RECURSIVE reached(account, steps) AS (
  SELECT 1, 0
  UNION
  SELECT t.recipient, reached.steps + 1
  FROM reached
  JOIN transactions AS t ON t.sender = reached.account
  WHERE t.recipient IS NOT NULL AND reached.steps < 3
    AND t.id > (SELECT max(id) - 1000 * 65536 FROM transactions)
)
SELECT min(steps) AS steps, a.name, a.address
FROM reached
JOIN accounts AS a ON a.id = reached.account
GROUP BY a.id
ORDER BY steps, a.id
LIMIT 100`,
} as const;

const BY_GROUP = { look: LOOK, count: COUNT, join: JOIN, time: TIME, window: WINDOW, recursive: RECURSIVE } as const;

type KeysOf<T> = T extends unknown ? keyof T : never;
export type QuestionKey = KeysOf<(typeof BY_GROUP)[Group]>;

/** All questions, easiest first. */
export const QUESTIONS: readonly Question[] = GROUPS.flatMap((group) =>
  Object.entries(BY_GROUP[group]).map(([key, sql]) => ({ key: key as QuestionKey, group, sql })),
);

/** The question that the page answers when it opens. */
export const FIRST = QUESTIONS[0]!;

/** The question of a number, counted from 0 and around both ends. */
export function questionAt(number: number): Question {
  return QUESTIONS[(number + QUESTIONS.length) % QUESTIONS.length]!;
}

export function numberOf(key: QuestionKey): number {
  return QUESTIONS.findIndex((question) => question.key === key);
}
