-- The chain as a SQLite database, made to be read by people.
--
--   SELECT * FROM block_list LIMIT 20;                     the newest blocks and who mined them
--   SELECT * FROM transfers WHERE sender_name = 'alex';    every payment of alex, names and coins
--   SELECT * FROM miners;                                  who mined most
--   SELECT * FROM rich_list;                               who holds most
--
-- Amounts in tables are whole numbers of the smallest unit (1 coin = 1,000,000 units) and exact; views show coins.
-- Times are Unix milliseconds: datetime(time / 1000, 'unixepoch') reads them. Ids and roots are lower-case hexadecimal
-- text, addresses bech32m text; keys, signatures and sealed memos are blobs: hex(signature) shows them.
--
-- `blocks`, `transactions` and `accounts` hold exactly the active chain and the accounts after it: replaying the blocks from
-- genesis gives the same rows again. The bytes that tabs send to each other are not stored; the columns give them back.
-- A recent chain is the exception: `blocks` and `transactions` begin after its base, a block near the tip. `earlier_headers` and
-- `earlier_history` then say what lies before. Both tables are empty in a whole chain.
-- The version of this schema is in `PRAGMA user_version`.
--
-- Reasons for this design, measured on blocks of 100 transfers between 200 people: a transfer takes 462 bytes here and 331 when it is sent;
-- 256 of each are its signature. Ids as text cost 32 bytes more than blobs, but people search and compare them. Rows refer to accounts by
-- small numbers, because an address has 42 letters. A block of 33 kB changes 208 kB of this file. Most of these changes are in the three
-- indexes of `transactions`, whose keys come in random order. Another such index would cost about 50 kB with every block.

-- SQLite 3.8 and later opens this file. Therefore the tables are not STRICT (3.37); the CHECK of each column restricts its types. For the
-- same reason there are no generated columns (3.31), indexes on expressions (3.9), WITHOUT ROWID (3.8.2) or window functions (3.25).

-- The chain that this file belongs to: one row for each fact. 'network_id' is the id of the genesis block. The other keys are the network's
-- parameters: label, block_time_ms, subsidy, halving_interval, max_block_bytes, pow_limit_bits, stamp_bits, genesis_time_ms, start_bits, grant.
-- While the accounts of a recent chain are being fetched, 'join_progress' says how far the tab has come.
CREATE TABLE meta (
  key   TEXT PRIMARY KEY NOT NULL CHECK (typeof(key) = 'text'), -- e.g. 'network_id', 'subsidy'
  value TEXT NOT NULL CHECK (typeof(value) = 'text')            -- numbers as decimal digits; compact targets too
);

-- One row for each address that the active chain mentions, with its present balance.
CREATE TABLE accounts (
  id                INTEGER PRIMARY KEY, -- from 1, in order of first appearance (inside a block by the bytes of the addresses); other tables refer to this number
  address           TEXT    NOT NULL CHECK (typeof(address) = 'text'),      -- bech32m, 'tab1…'
  name              TEXT    CHECK (typeof(name) IN ('text', 'null')),       -- user name, NULL until registered; unique
  balance           INTEGER NOT NULL CHECK (typeof(balance) = 'integer'),   -- smallest units
  nonce             INTEGER NOT NULL CHECK (typeof(nonce) = 'integer'),     -- transfers sent so far, and the next transfer's nonce
  received          INTEGER NOT NULL CHECK (typeof(received) = 'integer'),  -- transfers received from other accounts; in a recent chain those after the first base
  mined             INTEGER NOT NULL CHECK (typeof(mined) = 'integer'),     -- blocks whose reward this account got; in a recent chain those after the first base
  signing_key       BLOB    CHECK (typeof(signing_key) IN ('blob', 'null')),    -- RSA-2048 modulus (256 bytes, exponent 65537) that checks the account's signatures; NULL until registered
  encryption_key    BLOB    CHECK (typeof(encryption_key) IN ('blob', 'null')), -- RSA-2048 modulus to which memos are sealed; NULL until registered
  registered_height INTEGER CHECK (typeof(registered_height) IN ('integer', 'null')), -- block with the registration; NULL until registered; in a recent chain the first base stands for all earlier blocks
  first_height      INTEGER NOT NULL CHECK (typeof(first_height) = 'integer') -- first block that mentions the address; in a recent chain the first base stands for all earlier blocks
);
CREATE UNIQUE INDEX accounts_by_address ON accounts (address);
CREATE UNIQUE INDEX accounts_by_name ON accounts (name) WHERE name IS NOT NULL;

-- The active chain, including genesis (height 0). In a recent chain only the blocks after its base.
-- There is no column for the previous block's id, because it is the id at height - 1.
CREATE TABLE blocks (
  height            INTEGER PRIMARY KEY, -- number of blocks before this block
  id                TEXT    NOT NULL CHECK (typeof(id) = 'text'), -- double SHA-256 over header hash and nonce, shown so that work appears as leading zeros
  version           INTEGER NOT NULL CHECK (typeof(version) = 'integer'), -- version of the block format
  time              INTEGER NOT NULL CHECK (typeof(time) = 'integer'), -- Unix milliseconds by the miner's clock
  miner             INTEGER CHECK (typeof(miner) IN ('integer', 'null')) REFERENCES accounts (id), -- account that got the reward; NULL for genesis
  bits              INTEGER NOT NULL CHECK (typeof(bits) = 'integer'), -- target in compact form, like Bitcoin's nBits; printf('%08x', bits)
  nonce             TEXT    NOT NULL CHECK (typeof(nonce) = 'text'), -- 20 bytes in hexadecimal, found by mining
  history_root      TEXT    NOT NULL CHECK (typeof(history_root) = 'text'), -- root of the tree over all blocks below this block
  transaction_root  TEXT    NOT NULL CHECK (typeof(transaction_root) = 'text'), -- Merkle root over the transaction ids
  state_root        TEXT    NOT NULL CHECK (typeof(state_root) = 'text'), -- root of the tree over all accounts after this block
  supply            INTEGER NOT NULL CHECK (typeof(supply) = 'integer'), -- smallest units in existence after this block: the sum of all balances
  transaction_count INTEGER NOT NULL CHECK (typeof(transaction_count) = 'integer'), -- number of its rows in transactions
  size              INTEGER NOT NULL CHECK (typeof(size) = 'integer'), -- bytes of the block's canonical encoding
  subsidy           INTEGER NOT NULL CHECK (typeof(subsidy) = 'integer'), -- smallest units minted for the miner
  fees              INTEGER NOT NULL CHECK (typeof(fees) = 'integer'), -- smallest units that its transactions pay
  difficulty        REAL    NOT NULL CHECK (typeof(difficulty) = 'real'), -- expected hashes to find this block: the nearest REAL; 0 for genesis
  chain_work        TEXT    NOT NULL CHECK (typeof(chain_work) = 'text') -- expected hashes of all blocks up to this block: decimal digits, because it may exceed an INTEGER
);
CREATE INDEX blocks_by_miner ON blocks (miner);

-- Every transaction of the active chain.
CREATE TABLE transactions (
  id          INTEGER PRIMARY KEY, -- height * 65536 + position, so ordering by id is the order of the chain
  height      INTEGER NOT NULL CHECK (height = id >> 16),      -- block of the transaction; a range of id finds a block's transactions faster
  position    INTEGER NOT NULL CHECK (position = id & 65535),  -- position in the block, from 0
  txid        TEXT    NOT NULL CHECK (typeof(txid) = 'text'),  -- double SHA-256 of the transaction with its signature
  txid_start  INTEGER NOT NULL CHECK (typeof(txid_start) = 'integer'), -- the first 12 digits of txid as a number, for a narrow index
  kind        TEXT    NOT NULL CHECK (kind = CASE WHEN recipient IS NULL THEN 'registration' ELSE 'transfer' END), -- 'registration' or 'transfer'
  sender      INTEGER NOT NULL CHECK (typeof(sender) = 'integer') REFERENCES accounts (id), -- signing account
  recipient   INTEGER CHECK (typeof(recipient) IN ('integer', 'null')) REFERENCES accounts (id), -- account that gets the amount; NULL for a registration, which binds the sender's name and keys (see accounts)
  amount      INTEGER NOT NULL CHECK (typeof(amount) = 'integer'), -- smallest units, 0 for a registration
  fee         INTEGER NOT NULL CHECK (typeof(fee) = 'integer'),    -- smallest units, 0 for a registration
  granted     INTEGER NOT NULL CHECK (typeof(granted) = 'integer'), -- smallest units that a registration minted for its sender (the network's grant), 0 for a transfer
  nonce       INTEGER CHECK (typeof(nonce) IN ('integer', 'null')), -- number of the sender's transfer, from 0 without gaps; NULL for a registration
  memo        TEXT    CHECK (typeof(memo) IN ('text', 'null')),    -- text for everybody; NULL without memo or if sealed
  sealed_memo BLOB    CHECK (typeof(sealed_memo) IN ('blob', 'null')), -- RSA-OAEP ciphertext; only the recipient's private key opens it
  stamp       BLOB    CHECK (typeof(stamp) IN ('blob', 'null')),   -- a registration's proof of work, instead of a fee
  signature   BLOB    NOT NULL CHECK (typeof(signature) = 'blob')  -- RSASSA-PKCS1-v1_5 with SHA-256 by the sender's signing_key
);
CREATE INDEX transactions_by_txid ON transactions (txid_start); -- six bytes are enough to find a transaction; more would only enlarge the index
CREATE INDEX transactions_by_sender ON transactions (sender);
CREATE INDEX transactions_by_recipient ON transactions (recipient) WHERE recipient IS NOT NULL;

-- The headers at the start of a recent chain: those that decide the difficulty of its first blocks. The last is the base's. Else empty.
CREATE TABLE earlier_headers (
  height INTEGER PRIMARY KEY, -- as in blocks
  id     TEXT    NOT NULL CHECK (typeof(id) = 'text'),     -- as in blocks
  header BLOB    NOT NULL CHECK (typeof(header) = 'blob')  -- canonical encoding of header and nonce
);

-- The tree over all blocks up to the base of a recent chain: the roots of its largest complete subtrees. Else empty.
CREATE TABLE earlier_history (
  level INTEGER PRIMARY KEY, -- the subtree covers 2^level blocks; larger subtrees cover earlier blocks
  hash  TEXT    NOT NULL CHECK (typeof(hash) = 'text'), -- SHA-256
  work  TEXT    NOT NULL CHECK (typeof(work) = 'text')  -- expected hashes of these blocks: decimal digits
);

-- Complete blocks off the active chain: their branches have less work, or the bodies of their ancestors are still missing.
CREATE TABLE side_blocks (
  id     TEXT    PRIMARY KEY NOT NULL CHECK (typeof(id) = 'text'), -- as in blocks
  height INTEGER NOT NULL CHECK (typeof(height) = 'integer'),      -- height in its branch
  bytes  BLOB    NOT NULL CHECK (typeof(bytes) = 'blob')           -- canonical encoding
);

-- Transactions that this tab made and that are not deep in the chain yet: stored so that no reload loses them.
CREATE TABLE own_transactions (
  txid       TEXT    PRIMARY KEY NOT NULL CHECK (typeof(txid) = 'text'), -- as in transactions
  first_seen INTEGER NOT NULL CHECK (typeof(first_seen) = 'integer'), -- Unix milliseconds
  status     TEXT    NOT NULL CHECK (status IN ('pending', 'dropped')), -- 'pending' or 'dropped': a dropped transaction can no longer enter the chain
  reason     TEXT    CHECK (typeof(reason) IN ('text', 'null')), -- error code explaining 'dropped'
  bytes      BLOB    NOT NULL CHECK (typeof(bytes) = 'blob') -- canonical encoding
);

-- Blocks with names, coins and confirmations, newest first.
CREATE VIEW block_list AS
SELECT
  b.height, -- as in blocks
  b.id, -- as in blocks
  coalesce(
    (SELECT p.id FROM blocks p WHERE p.height = b.height - 1),
    (SELECT e.id FROM earlier_headers e WHERE e.height = b.height - 1)
  ) AS previous, -- id of the block before this block
  datetime(b.time / 1000, 'unixepoch') AS time_utc, -- by the miner's clock, for people
  m.name AS miner_name, -- user name of the account that got the reward
  m.address AS miner_address, -- its address
  b.transaction_count, -- as in blocks
  b.size, -- as in blocks
  b.subsidy / 1e6 AS subsidy_coins, -- coins minted for the miner
  b.fees / 1e6 AS fee_coins, -- coins that its transactions pay
  b.difficulty, -- as in blocks
  (SELECT max(height) FROM blocks) - b.height + 1 AS confirmations -- this block and the blocks after it
FROM blocks b LEFT JOIN accounts m ON m.id = b.miner
ORDER BY b.height DESC;

-- Every transaction with names, coins and confirmations, newest first.
CREATE VIEW ledger AS
SELECT
  t.id, -- as in transactions
  t.height, -- as in transactions
  t.position, -- as in transactions
  t.txid, -- as in transactions
  datetime(b.time / 1000, 'unixepoch') AS time_utc, -- time of the block, for people
  t.kind, -- as in transactions
  s.name AS sender_name, -- user name of the signing account
  s.address AS sender_address, -- its address
  r.name AS recipient_name, -- user name of the recipient, NULL for a registration or until registered
  r.address AS recipient_address, -- its address
  t.amount / 1e6 AS coins, -- coins paid, 0 for a registration
  t.fee / 1e6 AS fee_coins, -- coins that the miner gets for it
  t.granted / 1e6 AS granted_coins, -- coins that a registration minted for its sender
  t.nonce, -- as in transactions
  t.memo, -- as in transactions
  t.sealed_memo IS NOT NULL AS sealed, -- 1 if only the recipient can read the memo
  (SELECT max(height) FROM blocks) - t.height + 1 AS confirmations -- its block and the blocks after it
FROM transactions t
JOIN blocks b ON b.height = t.height
JOIN accounts s ON s.id = t.sender
LEFT JOIN accounts r ON r.id = t.recipient
ORDER BY t.id DESC;

-- Only the payments, newest first. The columns are those of ledger.
CREATE VIEW transfers AS
SELECT height, time_utc, sender_name, recipient_name, coins, fee_coins, memo, sealed, confirmations, sender_address, recipient_address, nonce, txid, id
FROM ledger WHERE kind = 'transfer';

-- Who joined when, and with how many coins from the network.
CREATE VIEW registrations AS
SELECT
  height, -- as in ledger
  time_utc, -- as in ledger
  sender_name AS name, -- user name that the registration binds
  sender_address AS address, -- address of the account
  granted_coins, -- coins that the network minted for the account
  confirmations, -- as in ledger
  txid, -- as in ledger
  id -- as in ledger
FROM ledger WHERE kind = 'registration';

-- Who holds most. Without window functions, each row counts its rank when it is read, so LIMIT saves most of the time.
CREATE VIEW rich_list AS
SELECT
  1 + (SELECT count(*) FROM accounts richer WHERE richer.balance > a.balance) AS rank, -- 1 for the largest balance
  a.name, -- as in accounts
  a.address, -- as in accounts
  a.balance / 1e6 AS coins, -- present balance in coins
  100.0 * a.balance / nullif((SELECT sum(balance) FROM accounts), 0) AS percent, -- share of all coins
  a.nonce AS transfers_sent -- transfers that the account has sent
FROM (SELECT name, address, balance, nonce FROM accounts WHERE balance > 0 OR name IS NOT NULL ORDER BY balance DESC, id LIMIT -1) a;

-- Who mined most.
CREATE VIEW miners AS
SELECT
  m.name, -- as in accounts
  m.address, -- as in accounts
  count(*) AS blocks, -- blocks that the account mined
  sum(b.subsidy + b.fees) / 1e6 AS reward_coins, -- coins earned by mining
  min(b.height) AS first_block, -- height of its first block
  max(b.height) AS last_block -- height of its newest block
FROM blocks b JOIN accounts m ON m.id = b.miner
GROUP BY m.id
ORDER BY blocks DESC, m.id;
