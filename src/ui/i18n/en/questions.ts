/** English texts of the questions on the page of the database: what each asks, and what its statement teaches. */
export const enQuestions = {
  groups: {
    look: 'First steps',
    count: 'Count and add up',
    join: 'Join tables',
    time: 'Time and money',
    window: 'Window functions',
    recursive: 'WITH and recursion',
  },
  questions: {
    newest: {
      title: 'What are the newest blocks?',
      lesson:
        'SELECT names the columns, FROM the table or view, and LIMIT ends after some rows. The view block_list already has the newest first.',
    },
    names: {
      title: 'Who has an account?',
      lesson:
        'WHERE keeps only some rows, ORDER BY sorts them. An address that has no name yet has NULL there, and only IS NULL finds NULL.',
    },
    richest: {
      title: 'Who owns the most?',
      lesson: 'AS gives a column another name, and round() shortens a number. The view rich_list counts the rank for you.',
    },
    payments: {
      title: 'What was paid last, and by whom?',
      lesson: 'A view is a stored query that you use like a table. The view transfers replaces the numbers of accounts by their names.',
    },
    memos: {
      title: 'Which memos contain an “a”?',
      lesson: 'LIKE compares texts: % stands for any characters, _ for a single one. Upper and lower case of a–z count as equal.',
    },
    idle: {
      title: 'Which blocks are empty?',
      lesson: 'AND joins two conditions, and both must hold. A block may be empty: its miner still earns the subsidy.',
    },
    totals: {
      title: 'How large is the chain?',
      lesson: 'count(), max() and sum() make one value out of all rows. They are called aggregate functions.',
    },
    kinds: {
      title: 'How many transactions are there of each kind?',
      lesson: 'GROUP BY makes one row for each different value, and the aggregate functions then count inside each group.',
    },
    miners: {
      title: 'Who mined the most?',
      lesson: 'The view miners is a GROUP BY itself. Press “Plan” to see how SQLite finds the blocks of each miner.',
    },
    generous: {
      title: 'Who paid at least twice?',
      lesson: 'WHERE chooses rows before they are grouped, HAVING chooses groups afterwards. So only HAVING can ask for count(*).',
    },
    sizes: {
      title: 'How large is a block?',
      lesson: 'Several aggregates fit in one query. avg() ignores NULL, and WHERE leaves out the first block, which nobody mined.',
    },
    different: {
      title: 'How many people pay, and how many are paid?',
      lesson: 'count(DISTINCT …) counts each value once, however often it appears.',
    },
    rewards: {
      title: 'Which account got the reward of each block?',
      lesson: 'JOIN … ON puts rows of two tables together. A block stores its miner as a number, and the table accounts knows who that is.',
    },
    everyone: {
      title: 'How many blocks did everybody mine, also those who mined none?',
      lesson: 'LEFT JOIN keeps an account even if no block fits, and fills its columns with NULL. count(b.height) does not count NULL.',
    },
    pairs: {
      title: 'Who pays whom?',
      lesson:
        'The same table can appear twice under two names, for sender and recipient. An id is height × 65,536 + position, so the condition keeps the last 1,000 blocks.',
    },
    supply: {
      title: 'Do all balances add up to the supply?',
      lesson: 'A query in parentheses is a value. 1 means true: the coins that people own are exactly those that blocks and grants minted.',
    },
    silent: {
      title: 'Who has never paid anybody?',
      lesson: 'NOT EXISTS asks whether a subquery finds nothing. The subquery runs for each account and uses its number, a.id.',
    },
    classes: {
      title: 'How busy are the blocks?',
      lesson: 'CASE chooses a value by conditions, in order. The new column can be used in GROUP BY.',
    },
    hours: {
      title: 'How many blocks were found each hour?',
      lesson: 'Times are milliseconds since 1970. strftime() writes them for people, in UTC, and each hour becomes a group.',
    },
    fees: {
      title: 'What do the blocks earn in fees?',
      lesson: 'Amounts are whole numbers of millionths of a coin, so that no fraction is ever rounded. / 1e6 shows coins.',
    },
    units: {
      title: 'Why divide by 1e6 and not by 1000000?',
      lesson: 'Dividing two integers drops the fraction in SQL: 1500000 / 1000000 is 1. With 1e6, a real number, it is 1.5.',
    },
    statement: {
      title: 'What did the first account earn and spend?',
      lesson: 'UNION ALL puts the rows of several queries below each other. They need the same number of columns.',
    },
    intervals: {
      title: 'How much time passes between blocks?',
      lesson: 'A window function sees other rows without grouping them: lag() takes the value of the row before. Look at the chart, too.',
    },
    growth: {
      title: 'How did the number of transactions grow?',
      lesson: 'sum() OVER (ORDER BY …) adds up all rows up to the present one: a running total.',
    },
    smooth: {
      title: 'What is the average size of ten blocks?',
      lesson: 'ROWS 9 PRECEDING makes the window ten rows wide. Such a moving average smooths the line in the chart.',
    },
    largest: {
      title: 'What are the three largest payments of each sender lately?',
      lesson:
        'PARTITION BY starts the numbering again for each sender. A window cannot stand in WHERE, so an outer query chooses the rows.',
    },
    balance: {
      title: 'How did the balance of the first account change?',
      lesson: 'WITH names a query, and the next query uses it like a table. The last row must be the balance of today.',
    },
    runs: {
      title: 'Who found the most blocks in a row?',
      lesson: 'Height minus row number stays the same as long as no block is missing. So each run without a gap becomes a group.',
    },
    histogram: {
      title: 'How are the times between blocks distributed?',
      lesson: 'WITH RECURSIVE makes rows out of its own rows, here 0, 5, 10 … So times without a block also appear in the chart.',
    },
    trail: {
      title: 'Whom did coins of the first account reach lately?',
      lesson: 'Recursion follows payments from account to account, at most three steps. UNION drops rows that came before, so circles end.',
    },
  },
};
