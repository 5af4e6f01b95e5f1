#!/usr/bin/env python3
"""Verifies a database that Tabchain exported, from the genesis block to the newest block.

    python3 tests/interop/verify_export.py tabchain.sqlite

or checks a receipt, which is a proof of one payment, account or block:

    python3 tests/interop/verify_export.py --receipt FILE --network '#net=class-3b' --block ID

A receipt is valid only if you trust the block with this id, so take the id from another source than the receipt.

This program needs Python 3.8 or newer with its standard library, and the command `openssl`. The program follows the texts
src/PROTOCOL.md and src/storage/sql/schema.sql alone and shares no code with the node: two programs check each other.
The tables side_blocks and own_transactions hold notes of one tab, so this program does not read them.

The names of rules are the codes of PROTOCOL.md. Five more codes concern the file:

    row-malformed   a column holds a type or a form that schema.sql does not allow
    row-wrong       a column differs from the value that replaying the blocks gives
    row-missing     a row is absent
    row-extra       a row belongs to no block
    schema-wrong    a table, index, view or trigger is not that of schema.sql

Each signature is encoded and compared by this program, as PROTOCOL.md demands: 0.3 ms with Python's integers. A process of `openssl`
takes 7 ms, so openssl checks a random sample as a second witness, or every signature on request.

Exit status: 0 valid, 1 a rule is broken, 2 the file cannot be read or holds only the newest blocks, 3 the receipt fits together, but you
trust neither of its blocks.
Memory grows with the number of accounts, never with the number of blocks.
"""

import argparse
import base64
import collections
import hashlib
import os
import pathlib
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
import time
import urllib.parse

# --- Broken rules ---------------------------------------------------------------------------------------------------------


class Broken(Exception):
    """A broken rule: its code, a sentence, and the place (filled in by the callers, the innermost first)."""

    def __init__(self, code, detail, table=None, row=None):
        super().__init__(code)
        self.code, self.detail = code, detail
        self.height, self.table, self.row = None, table, row


class Place:
    """`with Place(table, row, height):` adds this place to a broken rule without a place."""

    def __init__(self, table, row, height=None):
        self.table, self.row, self.height = table, row, height

    def __enter__(self):
        return self

    def __exit__(self, _kind, error, _trace):
        if not isinstance(error, Broken):
            return
        if error.table is None:
            error.table, error.row = self.table, self.row
        if error.height is None:
            error.height = self.height


def require(holds, code, detail):
    """Raises the broken rule unless the condition holds."""
    if not holds:
        raise Broken(code, detail)


def same(column, stored, expected):
    """Compares a stored column with the value from the replay."""
    if stored != expected:
        raise Broken('row-wrong', f'{column} is {show(stored)}, the replay gives {show(expected)}')


def show(value):
    """A value for a message, at most 80 characters long."""
    text = value.hex() if isinstance(value, bytes) else 'NULL' if value is None else str(value)
    return text if len(text) <= 80 else text[:77] + '…'


# --- Encoding (PROTOCOL §1) -----------------------------------------------------------------------------------------------

LARGEST = 2**53 - 1


def unsigned(value, size):
    """An integer of `size` bytes, big-endian. Eight bytes hold a u53."""
    limit = LARGEST if size == 8 else 256**size - 1
    require(0 <= value <= limit, 'encoding-non-canonical', f'{value} does not fit into {size} bytes')
    return value.to_bytes(size, 'big')


def text8(text, longest):
    """A text with its length in front. The caller states the longest length."""
    raw = text.encode('utf-8')
    require(len(raw) <= longest, 'encoding-too-long', f'a text of {len(raw)} bytes, at most {longest} are allowed')
    return bytes([len(raw)]) + raw


def fixed(raw, size, column):
    """Bytes of a fixed length."""
    require(len(raw) == size, 'row-malformed', f'{column} has {len(raw)} bytes instead of {size}')
    return raw


def hexadecimal(text, size, column):
    """The bytes of a text of lower-case hexadecimal digits."""
    require(re.fullmatch('[0-9a-f]{%d}' % (2 * size), text), 'row-malformed', f'{column} is not {size} bytes in hexadecimal')
    return bytes.fromhex(text)


# --- Hashes and trees (PROTOCOL §2, §5) -----------------------------------------------------------------------------------

NO_LEAVES = hashlib.sha256(b'').digest()


def sha256(raw):
    return hashlib.sha256(raw).digest()


def sha256d(raw):
    return sha256(sha256(raw))


def seal(digest, nonce):
    """The seal as shown: the most significant byte comes first."""
    return sha256d(digest + nonce)[::-1]


class HistoryTree:
    """The tree over all blocks so far, with hash and work of each node. Only the roots of its complete subtrees are kept."""

    def __init__(self):
        self.peaks = []  # (number of leaves, hash, work), the largest first
        self.work = 0

    def append(self, block_id, work):
        self.work += work
        peak = (1, sha256(b'\0' + block_id + work.to_bytes(32, 'big')), work)
        while self.peaks and self.peaks[-1][0] == peak[0]:
            peak = self.join(self.peaks.pop(), peak)
        self.peaks.append(peak)

    def root(self):
        if not self.peaks:
            return NO_LEAVES
        node = self.peaks[-1]
        for left in reversed(self.peaks[:-1]):
            node = self.join(left, node)
        return node[1]

    @staticmethod
    def join(left, right):
        parts = [part for _, digest, work in (left, right) for part in (digest, work.to_bytes(32, 'big'))]
        return (left[0] + right[0], sha256(b'\1' + b''.join(parts)), left[2] + right[2])


def merkle_root(leaves):
    """The root of RFC 6962. Joining neighbours level by level gives the same tree as splitting at powers of two."""
    if not leaves:
        return NO_LEAVES
    level = [sha256(b'\0' + leaf) for leaf in leaves]
    while len(level) > 1:
        pairs = [sha256(b'\1' + level[at] + level[at + 1]) for at in range(0, len(level) - 1, 2)]
        level = pairs + level[len(level) & ~1 :]
    return level[0]


class Leaf:
    """The place of an account in the state tree."""

    __slots__ = ('account', 'key', 'hash')

    def __init__(self, account):
        self.account = account
        self.key = int.from_bytes(sha256(account.address), 'big')
        self.hash = None

    def digest(self):
        if self.hash is None:
            self.hash = sha256(b'\0' + self.account.row())
        return self.hash


class Inner:
    """An inner node. `bit` is the first bit in which the keys below differ."""

    __slots__ = ('bit', 'sides', 'hash')

    def __init__(self, bit, sides):
        self.bit, self.sides, self.hash = bit, sides, None

    def digest(self):
        if self.hash is None:
            left, right = self.sides
            self.hash = sha256(bytes([1, self.bit]) + left.digest() + right.digest())
        return self.hash


def side(key, bit):
    """0 for the left side, 1 for the right side. Bit 0 is the most significant bit."""
    return key >> (255 - bit) & 1


class StateTree:
    """The tree over all existing accounts. No account ceases to exist while blocks are added, so there is no removal."""

    def __init__(self):
        self.top = None

    def touch(self, leaf):
        """Enters the leaf where absent, and forgets the hashes on the way from the root to the leaf."""
        leaf.hash = None
        if self.top is None:
            self.top = leaf
            return
        difference = self.nearest(leaf.key).key ^ leaf.key
        bit = 256 - difference.bit_length()  # 256: the leaf is in the tree
        above, node = None, self.top
        while isinstance(node, Inner) and node.bit < bit:
            node.hash = None
            above, node = node, node.sides[side(leaf.key, node.bit)]
        if bit < 256:
            self.put(above, Inner(bit, [node, leaf][:: 1 if side(leaf.key, bit) else -1]), leaf.key)

    def nearest(self, key):
        """The leaf at which a search for the key ends."""
        node = self.top
        while isinstance(node, Inner):
            node = node.sides[side(key, node.bit)]
        return node

    def put(self, above, node, key):
        if above is None:
            self.top = node
        else:
            above.sides[side(key, above.bit)] = node

    def root(self):
        return NO_LEAVES if self.top is None else self.top.digest()


# --- Targets and difficulty (PROTOCOL §2, §8) -----------------------------------------------------------------------------


def expand(bits):
    """The target of a compact form."""
    exponent, mantissa = bits >> 24, bits & 0x7FFFFF
    return mantissa << 8 * (exponent - 3) if exponent >= 3 else mantissa >> 8 * (3 - exponent)


def compact(target):
    """The compact form of a target, rounded down."""
    size = (target.bit_length() + 7) // 8
    mantissa = target >> 8 * (size - 3) if size >= 3 else target << 8 * (3 - size)
    if mantissa >= 2**23:
        size, mantissa = size + 1, mantissa >> 8
    return size << 24 | mantissa


def is_canonical(bits):
    return 0 <= bits < 2**32 and not bits & 0x800000 and 1 <= expand(bits) < 2**256 and compact(expand(bits)) == bits


def work_of(bits):
    return 2**256 // (expand(bits) + 1)


def truncated(dividend, divisor):
    """Integer division towards zero."""
    return dividend // divisor if dividend >= 0 else -(-dividend // divisor)


Ancestor = collections.namedtuple('Ancestor', 'height time bits')


class Difficulty:
    """The difficulty rule, with the newest headers that the rule reads."""

    YOUNG, YOUNG_HALF_LIFE, HALF_LIFE = 32, 5, 24
    FOLLOWED, HEADERS = 32, 34

    def __init__(self, network):
        self.block_time, self.limit_bits = network.block_time_ms, network.pow_limit_bits
        self.limit = expand(network.pow_limit_bits)
        self.newest = collections.deque(maxlen=self.HEADERS + 1)

    def append(self, header):
        self.newest.append(Ancestor(header.height, header.time, header.bits))

    def bits(self, time_ms):
        """The bits of a block with this time above the newest header."""
        ease = self.ease_of(time_ms - self.newest[-1].time)
        if ease >= 256:  # A number of at least 1 reaches any limit.
            return self.limit_bits
        return compact(self.clamp(self.after(-1, 0) << ease))

    def clamp(self, target):
        return max(1, min(target, self.limit))

    def gap(self, at):
        return self.newest[at].time - self.newest[at - 1].time

    def ease_of(self, gap):
        return 0 if gap < 8 * self.block_time else 1 + (gap - 8 * self.block_time) // self.block_time

    def after(self, at, followed):
        """The base of a block whose parent is the header number `at` (-1: the newest)."""
        height, block_time = self.newest[at].height, self.block_time
        spread = (self.YOUNG_HALF_LIFE if height < self.YOUNG else self.HALF_LIFE) * block_time
        solved = block_time if height < 2 else min(self.gap(at), 20 * block_time)
        power, fraction = divmod(truncated((solved - block_time) * 65536, spread), 65536)
        factor = 65536 + ((195766423245049 * fraction + 971821376 * fraction**2 + 5127 * fraction**3 + 2**47) >> 48)
        scaled = self.base(at, followed) * factor
        shift = power - 16
        return self.clamp(scaled << shift if shift >= 0 else scaled >> -shift)

    def base(self, at, followed):
        """The target of the header number `at` before easing."""
        header = self.newest[at]
        if header.height == 0:
            return expand(header.bits)
        ease = self.ease_of(self.gap(at))
        if header.bits != self.limit_bits or ease == 0:
            return expand(header.bits) >> min(ease, 256)
        return self.limit if followed == self.FOLLOWED else self.after(at - 1, followed + 1)


# --- Addresses (PROTOCOL §5, BIP-350) -------------------------------------------------------------------------------------

BECH32 = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'
PREFIX = 'tab'


def bech32m_checksum(values):
    """The six checksum values after the prefix and the values."""
    expanded = [ord(letter) >> 5 for letter in PREFIX] + [0] + [ord(letter) & 31 for letter in PREFIX]
    check = 1
    for value in expanded + values + [0] * 6:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for index, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            if top >> index & 1:
                check ^= generator
    check ^= 0x2BC830A3
    return [check >> 5 * (5 - index) & 31 for index in range(6)]


def address_text(address):
    """The text form of an address: 20 bytes are 32 values of five bits."""
    number = int.from_bytes(address, 'big')
    values = [number >> 5 * (31 - index) & 31 for index in range(32)]
    return PREFIX + '1' + ''.join(BECH32[value] for value in values + bech32m_checksum(values))


def address_bytes(text):
    """The 20 bytes of an address in its lower-case text form."""
    require(re.fullmatch(f'{PREFIX}1[{BECH32}]{{38}}', text), 'row-malformed', f'address {show(text)} is not an address')
    number = 0
    for letter in text[4:36]:
        number = number << 5 | BECH32.index(letter)
    address = number.to_bytes(20, 'big')
    require(address_text(address) == text, 'row-malformed', f'address {text} has a wrong checksum')
    return address


# --- Rows (schema.sql) ----------------------------------------------------------------------------------------------------

TABLES = {
    'meta': {'key': (str,), 'value': (str,)},
    'accounts': {
        'id': (int,),
        'address': (str,),
        'name': (str, None),
        'balance': (int,),
        'nonce': (int,),
        'received': (int,),
        'mined': (int,),
        'signing_key': (bytes, None),
        'encryption_key': (bytes, None),
        'registered_height': (int, None),
        'first_height': (int,),
    },
    'blocks': {
        'height': (int,),
        'id': (str,),
        'version': (int,),
        'time': (int,),
        'miner': (int, None),
        'bits': (int,),
        'nonce': (str,),
        'history_root': (str,),
        'transaction_root': (str,),
        'state_root': (str,),
        'supply': (int,),
        'transaction_count': (int,),
        'size': (int,),
        'subsidy': (int,),
        'fees': (int,),
        'difficulty': (float,),
        'chain_work': (str,),
    },
    'transactions': {
        'id': (int,),
        'height': (int,),
        'position': (int,),
        'txid': (str,),
        'txid_start': (int,),
        'kind': (str,),
        'sender': (int,),
        'recipient': (int, None),
        'amount': (int,),
        'fee': (int,),
        'granted': (int,),
        'nonce': (int, None),
        'memo': (str, None),
        'sealed_memo': (bytes, None),
        'stamp': (bytes, None),
        'signature': (bytes,),
    },
}
ROWS = {table: collections.namedtuple(table, columns) for table, columns in TABLES.items()}


def height_of(table, row):
    """The block of a row, where the row's id says so."""
    return {'blocks': row, 'transactions': row >> 16}[table] if table in ('blocks', 'transactions') else None


class NotUtf8(bytes):
    """A text column whose bytes are not UTF-8."""


def decode_text(raw):
    try:
        return raw.decode('utf-8')
    except UnicodeDecodeError:
        return NotUtf8(raw)


SCHEMA = '../../src/storage/sql/schema.sql'


def plain(sql):
    """Statements without comments and extra spaces."""
    return ' '.join(re.sub('--[^\n]*', '', sql).split()).rstrip(';')


class Unreadable(Exception):
    """The file is not a database that this program knows."""


class Export:
    """An exported file, read table by table in the order of row ids."""

    def __init__(self, path):
        if not os.path.isfile(path):
            raise Unreadable('there is no such file')
        url = pathlib.Path(path).resolve().as_uri()
        self.connection = sqlite3.connect(url + '?mode=ro&immutable=1', uri=True)
        self.connection.text_factory = decode_text
        for table in TABLES:
            self.select(table, 'LIMIT 0')
        self.check_whole()

    def check_whole(self):
        """A recent chain lacks the blocks that would prove its accounts. Earlier versions of the schema had no such tables."""
        for table in ('earlier_headers', 'earlier_history'):
            known = self.connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone()
            if known and self.connection.execute(f'SELECT 1 FROM {table} LIMIT 1').fetchone():
                raise Unreadable('recent-only: the file holds only the newest blocks; export a tab that has the whole chain')

    def rows(self, table):
        """All rows of a table, with the types of their columns checked."""
        columns, make = TABLES[table], ROWS[table]
        order = next(iter(columns))
        allowed = [tuple(type(None) if kind is None else kind for kind in kinds) for kinds in columns.values()]
        for values in self.select(table, f'ORDER BY {order}'):
            for column, value, kinds in zip(columns, values, allowed):
                if type(value) not in kinds:
                    with Place(table, values[0], height_of(table, values[0])):
                        raise Broken('row-malformed', f'{column} has a wrong type: {show(value)}')
            yield make._make(values)

    def select(self, table, rest):
        """The columns that this program knows."""
        try:
            return self.connection.execute(f'SELECT {", ".join(TABLES[table])} FROM {table} {rest}')
        except sqlite3.OperationalError as error:
            (version,) = self.connection.execute('PRAGMA user_version').fetchone()
            raise Unreadable(f'{error}; the file has version {version} of the schema') from error

    def check_schema(self):
        """Compares tables, indexes, views and triggers with schema.sql, if schema.sql lies beside this program."""
        path = os.path.join(os.path.dirname(os.path.abspath(__file__)), SCHEMA)
        if not os.path.isfile(path):
            return
        with open(path, encoding='utf-8') as file:
            expected = {statement for statement in plain(file.read()).split('; ') if statement}
        for kind, name, statement in self.connection.execute('SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL'):
            require(plain(statement) in expected, 'schema-wrong', f'{kind} {name} is not that of schema.sql')
            expected.remove(plain(statement))
        require(not expected, 'schema-wrong', f'absent: {show(" / ".join(expected))}')

    def check_indexes(self):
        """Checks that the indexes agree with the tables: queries of people read them."""
        (verdict,) = self.connection.execute('PRAGMA integrity_check(1)').fetchone()
        if verdict != 'ok':
            raise Unreadable(f'SQLite finds damage: {verdict}')


# --- Networks and money (PROTOCOL §3, §4) ---------------------------------------------------------------------------------

# Field, key in table meta, bytes, range. A range of None marks a compact target.
PARAMETERS = (
    ('block_time_ms', 8, (200, 86_400_000)),
    ('subsidy', 8, (0, 10**15)),
    ('halving_interval', 8, (0, 10**9)),
    ('max_block_bytes', 8, (4096, 4_194_304)),
    ('pow_limit_bits', 4, None),
    ('stamp_bits', 4, None),
    ('genesis_time_ms', 8, (0, 2**48)),
    ('start_bits', 4, None),
    ('grant', 8, (0, 10**15)),
)
KEYS = {'network_id', 'label', *(key for key, _, _ in PARAMETERS)}
VERSION = 2
NOBODY = bytes(20)


def decimal(text, key):
    """A number as its decimal digits, in their only form."""
    require(re.fullmatch('0|[1-9][0-9]{0,18}', text), 'row-malformed', f'{key} is not a number: {show(text)}')
    return int(text)


class Network:
    """The parameters of table meta or of a link, and the values that follow: the genesis block and the network id."""

    def __init__(self, meta):
        self.label = self.read(meta, 'label')
        with Place('meta', 'label'):
            good = len(self.label) <= 32 and re.fullmatch('[a-z0-9]([a-z0-9-]*[a-z0-9])?', self.label)
            require(good, 'network-invalid', f'label {show(self.label)}')
        for key, _, limits in PARAMETERS:
            with Place('meta', key):
                value = decimal(self.read(meta, key), key)
                good = is_canonical(value) if limits is None else limits[0] <= value <= limits[1]
                require(good, 'network-invalid', f'{key} = {value} is out of range')
                setattr(self, key, value)
        with Place('meta', 'start_bits'):
            require(expand(self.start_bits) <= expand(self.pow_limit_bits), 'network-invalid', 'start_bits is easier than pow_limit_bits')
        self.genesis = self.make_genesis()
        self.id = self.genesis.id

    def compare(self, meta):
        """Compares the other rows of the table."""
        for key in meta:
            with Place('meta', key):
                require(key in KEYS, 'row-extra', 'no network has this parameter')
        with Place('meta', 'network_id'):
            same('network_id', self.read(meta, 'network_id'), self.id.hex())

    @staticmethod
    def read(meta, key):
        if key not in meta:
            raise Broken('row-missing', f'{key} is absent', 'meta', key)
        return meta[key]

    def parameter_bytes(self):
        return text8(self.label, 32) + b''.join(unsigned(getattr(self, key), size) for key, size, _ in PARAMETERS)

    def make_genesis(self):
        root = merkle_root([self.parameter_bytes()])
        time_ms, bits = self.genesis_time_ms, self.start_bits
        return Header(VERSION, 0, bytes(32), NO_LEAVES, root, NO_LEAVES, time_ms, bits, 0, NOBODY, bytes(20))

    def subsidy_at(self, height, supply):
        """The units that the block mints for its miner, if so many units exist before."""
        halvings = height // self.halving_interval if self.halving_interval else 0
        return min(self.subsidy >> halvings, LARGEST - supply)


# --- Accounts (PROTOCOL §5) -----------------------------------------------------------------------------------------------


class Account:
    """An account as the replay leaves it, with the derived columns of its row."""

    __slots__ = ('id', 'address', 'balance', 'nonce', 'name', 'signing', 'encryption', 'received', 'mined', 'registered', 'first', 'leaf')

    def __init__(self, address, height):
        self.id, self.address, self.first = None, address, height
        self.balance = self.nonce = self.received = self.mined = 0
        self.name = self.signing = self.encryption = self.registered = None
        self.leaf = Leaf(self)

    def exists(self):
        return self.name is not None or self.balance > 0

    def row(self):
        """The account row that the state tree hashes."""
        head = self.address + unsigned(self.balance, 8) + unsigned(self.nonce, 8)
        if self.name is None:
            return head + b'\0'
        return head + b'\1' + text8(self.name, 20) + sha256(self.signing + self.encryption)


class Accounts:
    """All accounts of the chain so far, and the tree over the existing ones."""

    def __init__(self):
        self.by_address = {}
        self.by_name = {}
        self.in_order = []  # by id
        self.tree = StateTree()
        self.touched = set()
        self.new = []

    def touch(self, address, height):
        """The account at an address that a block mentions. The block may change the account."""
        account = self.by_address.get(address)
        if account is None:
            account = self.by_address[address] = Account(address, height)
            self.new.append(account)
        self.touched.add(account)
        return account

    def end_block(self):
        """Numbers the new accounts in address order. @returns the state root"""
        for account in sorted(self.new, key=lambda account: account.address):
            self.in_order.append(account)
            account.id = len(self.in_order)
        for account in self.touched:
            if account.exists():
                self.tree.touch(account.leaf)
        self.new, self.touched = [], set()
        return self.tree.root()


class AccountRows:
    """The rows of table accounts: other tables refer to them, and registrations take name and keys from them."""

    def __init__(self, export):
        self.by_id = {}
        for row in export.rows('accounts'):
            with Place('accounts', row.id):
                self.by_id[row.id] = (row, address_bytes(row.address))

    def row(self, number, column):
        if number not in self.by_id:
            raise Broken('row-missing', f'{column} refers to this row', 'accounts', number)
        return self.by_id[number][0]

    def address(self, number, column):
        self.row(number, column)
        return self.by_id[number][1]

    def compare(self, accounts):
        """Compares the whole table with the accounts after the newest block."""
        for account in accounts.in_order:
            with Place('accounts', account.id):
                require(account.id in self.by_id, 'row-missing', f'the chain mentions {address_text(account.address)}')
                self.compare_row(self.by_id[account.id][0], account)
        for number in self.by_id:
            with Place('accounts', number):
                require(1 <= number <= len(accounts.in_order), 'row-extra', 'the chain does not mention this account')

    @staticmethod
    def compare_row(row, account):
        same('address', row.address, address_text(account.address))
        same('name', row.name, account.name)
        same('balance', row.balance, account.balance)
        same('nonce', row.nonce, account.nonce)
        same('received', row.received, account.received)
        same('mined', row.mined, account.mined)
        same('signing_key', row.signing_key, account.signing)
        same('encryption_key', row.encryption_key, account.encryption)
        same('registered_height', row.registered_height, account.registered)
        same('first_height', row.first_height, account.first)


# --- Signatures (PROTOCOL §5) ---------------------------------------------------------------------------------------------

# RFC 8017 §9.2: 00 01 FF … FF 00, then the DigestInfo of SHA-256 with the NULL parameter.
DIGEST_INFO = bytes.fromhex('3031300d060960864801650304020105000420')
PADDING = b'\x00\x01' + b'\xff' * (256 - 3 - len(DIGEST_INFO) - 32) + b'\x00' + DIGEST_INFO
EXPONENT = 65537
DER_EXPONENT = bytes.fromhex('0203010001')
DER_RSA = bytes.fromhex('300d06092a864886f70d0101010500')


def signature_holds(modulus, message, signature):
    """Encodes and compares. Nothing parses the padding."""
    n, s = int.from_bytes(modulus, 'big'), int.from_bytes(signature, 'big')
    return len(signature) == 256 and s < n and pow(s, EXPONENT, n).to_bytes(256, 'big') == PADDING + sha256(message)


def der(tag, content):
    """A DER value of 128 to 65,535 bytes."""
    size = len(content)
    length = bytes([0x81, size]) if size < 256 else b'\x82' + size.to_bytes(2, 'big')
    return bytes([tag]) + length + content


def public_key_pem(modulus):
    """The public key as SubjectPublicKeyInfo, for openssl."""
    key = der(0x30, der(0x02, b'\0' + modulus) + DER_EXPONENT)
    text = base64.b64encode(der(0x30, DER_RSA + der(0x03, b'\0' + key))).decode('ascii')
    return '\n'.join(['-----BEGIN PUBLIC KEY-----', *textwrap.wrap(text, 64), '-----END PUBLIC KEY-----', '']).encode('ascii')


class Witness:
    """Lets `openssl` check signatures as well: a random sample, or all. An own process for each costs some milliseconds."""

    def __init__(self, wanted):
        self.wanted = wanted  # a number, or None for all
        self.command = shutil.which('openssl')
        self.sample = []
        self.seen = self.checked = 0
        self.folder = tempfile.TemporaryDirectory() if self.command else None

    def offer(self, evidence):
        """Takes (modulus, message, signature, height, row): checks the signature now, or keeps each with equal chances."""
        self.seen += 1
        if self.wanted is None:
            self.check(evidence)
        elif len(self.sample) < self.wanted:
            self.sample.append(evidence)
        elif self.wanted > 0:
            at = random.randrange(self.seen)
            if at < self.wanted:
                self.sample[at] = evidence

    def finish(self):
        for evidence in self.sample:
            self.check(evidence)

    def check(self, evidence):
        if self.command is None:
            return
        modulus, message, signature, height, row = evidence
        key, proof = (os.path.join(self.folder.name, name) for name in ('key.pem', 'signature'))
        for path, content in ((key, public_key_pem(modulus)), (proof, signature)):
            with open(path, 'wb') as file:
                file.write(content)
        arguments = [self.command, 'dgst', '-sha256', '-verify', key, '-signature', proof]
        result = subprocess.run(arguments, input=message, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        self.checked += 1
        if result.returncode != 0 and b'verification' not in result.stdout.lower():
            raise Unreadable(f'openssl does not work: {show(result.stdout)}')
        with Place('transactions', row, height):
            require(result.returncode == 0, 'signature-invalid', 'openssl refuses a signature that this program accepts')


# --- Transactions (PROTOCOL §6) -------------------------------------------------------------------------------------------

NAME = re.compile('[a-z][a-z0-9_]{1,19}')
REFUSED_IN_MEMOS = re.compile('[\u0000-\u001f\u007f-\u009f\u061c\u200e-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]')
SIGNED_PREFIX = b'tabchain transaction 1\n'
STAMPED_PREFIX = b'tabchain stamp 1\n'


class Transaction:
    """A transaction, rebuilt from its row."""

    def __init__(self, row, network, account_rows):
        self.row, self.network = row, network
        self.signature = fixed(row.signature, 256, 'signature')
        self.read(row, account_rows)
        self.unsigned = self.encode()
        encoding = self.unsigned + self.signature
        self.size, self.id = len(encoding), sha256d(encoding)

    @staticmethod
    def from_row(row, network, account_rows):
        require(row.kind in ('transfer', 'registration'), 'encoding-non-canonical', f'kind {show(row.kind)} is unknown')
        return (Transfer if row.kind == 'transfer' else Registration)(row, network, account_rows)

    def head(self, kind):
        return bytes([kind]) + self.network.id[:4]

    def message(self):
        """The signed bytes."""
        return SIGNED_PREFIX + self.network.id + self.unsigned

    def check_signature(self, modulus, witness):
        require(signature_holds(modulus, self.message(), self.signature), 'signature-invalid', 'the signature does not hold')
        witness.offer((modulus, self.message(), self.signature, self.row.height, self.row.id))

    def check_row(self, height, position):
        """The derived columns."""
        row = self.row
        same('height', row.height, height)
        same('position', row.position, position)
        same('txid', row.txid, self.id.hex())
        same('txid_start', row.txid_start, int.from_bytes(self.id[:6], 'big'))


class Transfer(Transaction):
    def read(self, row, account_rows):
        self.sender = account_rows.address(row.sender, 'sender')
        require(row.recipient is not None and row.nonce is not None, 'row-malformed', 'a transfer lacks recipient or nonce')
        require(row.stamp is None, 'row-malformed', 'a transfer has a stamp')
        require(row.memo is None or row.sealed_memo is None, 'row-malformed', 'there are a plain and a sealed memo')
        self.recipient = account_rows.address(row.recipient, 'recipient')
        self.amount, self.fee, self.nonce = row.amount, row.fee, row.nonce

    def encode(self):
        money = unsigned(self.amount, 8) + unsigned(self.fee, 8) + unsigned(self.nonce, 4)
        return self.head(1) + self.sender + self.recipient + money + self.memo_bytes()

    def memo_bytes(self):
        if self.row.sealed_memo is not None:
            return b'\2' + fixed(self.row.sealed_memo, 256, 'sealed_memo')
        if self.row.memo is None:
            return b'\0'
        require(self.row.memo != '', 'encoding-non-canonical', 'a plain memo is empty')
        return b'\1' + text8(self.row.memo, 140)

    def check_alone(self):
        require(self.amount > 0, 'amount-not-positive', f'amount {self.amount}')
        require(self.amount + self.fee <= LARGEST, 'amount-too-large', f'amount + fee = {self.amount + self.fee}')
        require(not REFUSED_IN_MEMOS.search(self.row.memo or ''), 'memo-invalid', 'the memo contains a refused code point')

    def apply(self, ledger):
        """Checks the rules against the accounts, then changes the accounts."""
        sender = ledger.touch(self.sender)
        total = self.amount + self.fee
        require(sender.name is not None, 'sender-not-registered', 'the sender is not registered')
        require(self.nonce >= sender.nonce, 'nonce-already-used', f'nonce {self.nonce}, the account has {sender.nonce}')
        require(self.nonce <= sender.nonce, 'nonce-gap', f'nonce {self.nonce}, the account has {sender.nonce}')
        require(sender.balance >= total, 'balance-insufficient', f'balance {sender.balance}, amount + fee = {total}')
        self.check_signature(sender.signing, ledger.witness)
        sender.balance -= total
        sender.nonce += 1
        recipient = ledger.touch(self.recipient)
        recipient.balance += self.amount
        recipient.received += self.recipient != self.sender
        ledger.fees += self.fee
        same('granted', self.row.granted, 0)


class Registration(Transaction):
    def read(self, row, account_rows):
        account = account_rows.row(row.sender, 'sender')
        for column in ('recipient', 'nonce', 'memo', 'sealed_memo'):
            require(getattr(row, column) is None, 'row-malformed', f'a registration has {column}')
        require(row.stamp is not None, 'row-malformed', 'a registration lacks its stamp')
        for column in ('name', 'signing_key', 'encryption_key'):
            require(getattr(account, column) is not None, 'row-wrong', f'row {row.sender} of accounts lacks {column}')
        self.stamp = fixed(row.stamp, 20, 'stamp')
        self.name = account.name
        self.signing = fixed(account.signing_key, 256, 'signing_key')
        self.encryption = fixed(account.encryption_key, 256, 'encryption_key')
        self.sender = sha256d(self.signing)[:20]
        self.stated = account_rows.address(row.sender, 'sender')

    def encode(self):
        self.unstamped = self.head(2) + text8(self.name, 20) + self.signing + self.encryption
        return self.unstamped + self.stamp

    def check_alone(self):
        require(NAME.fullmatch(self.name), 'name-invalid', f'name {show(self.name)}')
        for modulus in (self.signing, self.encryption):
            require(modulus[0] & 0x80 and modulus[-1] & 1, 'modulus-invalid', 'a modulus is even or has less than 2048 bits')
        digest = sha256(STAMPED_PREFIX + self.network.id + self.unstamped)
        number = int.from_bytes(seal(digest, self.stamp), 'big')
        require(number <= expand(self.network.stamp_bits), 'stamp-invalid', 'the stamp does not meet stampBits')

    def apply(self, ledger):
        """Checks the rules against the accounts, then changes the accounts."""
        account = ledger.touch(self.sender)
        require(account.name is None, 'already-registered', f'the account is registered as {account.name}')
        require(self.name not in ledger.accounts.by_name, 'name-taken', f'another account has the name {self.name}')
        self.check_signature(self.signing, ledger.witness)
        account.name, account.signing, account.encryption = self.name, self.signing, self.encryption
        account.registered = ledger.height
        ledger.accounts.by_name[self.name] = account
        granted = ledger.grant()
        account.balance += granted
        same('granted', self.row.granted, granted)

    def check_row(self, height, position):
        super().check_row(height, position)
        same('sender', address_text(self.stated), address_text(self.sender))
        same('amount', self.row.amount, 0)
        same('fee', self.row.fee, 0)


# --- Blocks (PROTOCOL §7) -------------------------------------------------------------------------------------------------


class Header:
    """A sealed header."""

    SIZE = 196

    def __init__(self, version, height, previous, history_root, transaction_root, state_root, time_ms, bits, supply, miner, nonce):
        self.version, self.height, self.previous, self.history_root = version, height, previous, history_root
        self.transaction_root, self.state_root, self.time = transaction_root, state_root, time_ms
        self.bits, self.supply, self.miner, self.nonce = bits, supply, miner, nonce
        self.id = seal(sha256(self.encode()), nonce)

    @staticmethod
    def from_row(row, parent, account_rows):
        """The header of a row. The parent's id stands nowhere in the row."""
        require(row.miner is not None, 'row-malformed', 'miner is NULL')
        roots = [hexadecimal(getattr(row, name), 32, name) for name in ('history_root', 'transaction_root', 'state_root')]
        miner, nonce = account_rows.address(row.miner, 'miner'), hexadecimal(row.nonce, 20, 'nonce')
        return Header(row.version, row.height, parent.id, *roots, row.time, row.bits, row.supply, miner, nonce)

    def encode(self):
        start = unsigned(self.version, 4) + unsigned(self.height, 4) + self.previous
        roots = self.history_root + self.transaction_root + self.state_root
        return start + roots + unsigned(self.time, 8) + unsigned(self.bits, 4) + unsigned(self.supply, 8) + self.miner


class Ledger:
    """The effect of one block on the accounts."""

    def __init__(self, accounts, network, parent, witness):
        self.accounts, self.network, self.witness = accounts, network, witness
        self.height, self.supply = parent.height + 1, parent.supply
        self.fees = 0

    def touch(self, address):
        return self.accounts.touch(address, self.height)

    def grant(self):
        """Mints the grant of one registration. @returns its units"""
        units = min(self.network.grant, LARGEST - self.supply)
        self.supply += units
        return units

    def reward(self, address):
        """Pays the miner. @returns the minted units"""
        minted = self.network.subsidy_at(self.height, self.supply)
        self.supply += minted
        miner = self.touch(address)
        miner.balance += minted + self.fees
        miner.mined += 1
        return minted


MAX_REGISTRATIONS = 64


class Replay:
    """Replays the blocks of a file in order, and compares each row."""

    def __init__(self, export, witness):
        self.export, self.witness = export, witness
        meta = {row.key: row.value for row in export.rows('meta')}
        self.network = Network(meta)
        self.network.compare(meta)
        self.account_rows = AccountRows(export)
        self.accounts = Accounts()
        self.history, self.difficulty = HistoryTree(), Difficulty(self.network)
        self.tip = self.network.genesis
        self.transaction_count = 0
        self.waiting = export.rows('transactions')
        self.next = next(self.waiting, None)

    def run(self, report):
        """Verifies everything. `report` is called after each block."""
        blocks = self.export.rows('blocks')
        row = next(blocks, None)
        with Place('blocks', 0, 0):
            require(row is not None and row.height == 0, 'row-missing', 'there is no genesis block')
            self.genesis(row)
        for row in blocks:
            with Place('blocks', row.height, row.height):
                self.block(row)
            report(self)
        self.refuse_rows_below(None)
        self.account_rows.compare(self.accounts)

    def genesis(self, row):
        header = self.network.genesis
        same('version', row.version, header.version)
        same('time', row.time, header.time)
        same('bits', row.bits, header.bits)
        same('supply', row.supply, header.supply)
        same('miner', row.miner, None)
        same('nonce', row.nonce, header.nonce.hex())
        for column in ('history_root', 'transaction_root', 'state_root'):
            same(column, getattr(row, column), getattr(header, column).hex())
        self.enter(header, 0)
        self.check_row(row, header, [], Header.SIZE + 4, 0, 0, 0)

    def block(self, row):
        header = self.check_header(row)
        transactions, size = self.check_body(row, header)
        for transaction in transactions:
            with Place('transactions', transaction.row.id):
                transaction.check_alone()
        ledger = Ledger(self.accounts, self.network, self.tip, self.witness)
        for transaction in transactions:
            with Place('transactions', transaction.row.id):
                transaction.apply(ledger)
        minted = ledger.reward(header.miner)
        require(header.supply == ledger.supply, 'supply-wrong', f'supply is {header.supply}, the replay gives {ledger.supply}')
        root = self.accounts.end_block()
        require(header.state_root == root, 'state-root-wrong', f'the accounts give {root.hex()}')
        work = work_of(header.bits)
        self.enter(header, work)
        self.check_row(row, header, transactions, size, minted, ledger.fees, work)
        self.transaction_count += len(transactions)

    def enter(self, header, work):
        """Makes a header the newest header."""
        self.history.append(header.id, work)
        self.difficulty.append(header)
        self.tip = header

    def check_header(self, row):
        """The header rules, in their order. @returns the header"""
        parent = self.tip
        require(row.height == parent.height + 1, 'height-wrong', f'the block before has height {parent.height}')
        header = Header.from_row(row, parent, self.account_rows)
        require(header.version == VERSION, 'version-unsupported', f'version {header.version}')
        require(header.time > parent.time, 'time-not-after-parent', f'time {header.time}, the parent has {parent.time}')
        bits = self.difficulty.bits(header.time)
        require(header.bits == bits, 'bits-wrong', f'bits are {header.bits:08x}, the rule gives {bits:08x}')
        number = int.from_bytes(header.id, 'big')
        require(number <= expand(bits), 'seal-above-target', f'the columns give the id {header.id.hex()}, above the target')
        root = self.history.root()
        require(header.history_root == root, 'history-root-wrong', f'the blocks below give {root.hex()}')
        return header

    def check_body(self, row, header):
        """The body rules that need no accounts, in their order. @returns the transactions and the size of the block"""
        self.refuse_rows_below(row.height)
        transactions, size = self.read_transactions(row.height)
        if merkle_root([transaction.id for transaction in transactions]) != header.transaction_root:
            raise self.explain_root(row, transactions)
        registrations = sum(isinstance(transaction, Registration) for transaction in transactions)
        require(registrations <= MAX_REGISTRATIONS, 'block-too-many-registrations', f'{registrations} registrations')
        for position, transaction in enumerate(transactions):
            with Place('transactions', transaction.row.id):
                transaction.check_row(row.height, position)
        ids = {transaction.id for transaction in transactions}
        require(len(ids) == len(transactions), 'block-duplicate-transaction', 'two transactions have the same id')
        return transactions, size

    def read_transactions(self, height):
        """Rebuilds the transactions of a block, and stops as soon as the block is too large."""
        transactions, size = [], Header.SIZE + 4
        while self.next is not None and self.next.id >> 16 == height:
            with Place('transactions', self.next.id):
                transactions.append(Transaction.from_row(self.next, self.network, self.account_rows))
            size += transactions[-1].size
            require(size <= self.network.max_block_bytes, 'block-oversized', f'more than {self.network.max_block_bytes} bytes')
            self.next = next(self.waiting, None)
        return transactions, size

    def refuse_rows_below(self, height):
        """Refuses transactions of heights that have no block (None: of all heights that remain)."""
        if self.next is not None and (height is None or self.next.id >> 16 < height):
            raise Broken('row-extra', f'no block has height {self.next.id >> 16}', 'transactions', self.next.id)

    @staticmethod
    def explain_root(row, transactions):
        """Finds the row behind a wrong transaction root: the first with another txid than its columns give."""
        for position, transaction in enumerate(transactions):
            stored = transaction.row
            if stored.txid != transaction.id.hex():
                source = f' (name and keys: row {stored.sender} of accounts)' if stored.kind == 'registration' else ''
                detail = f'txid is {show(stored.txid)}, the columns give {transaction.id.hex()}{source}'
                return Broken('transaction-root-wrong', detail, 'transactions', stored.id)
            if stored.id != row.height << 16 | position:
                missing = row.height << 16 | position
                return Broken('transaction-root-wrong', f'position {position} is absent', 'transactions', missing)
        detail = f'the root of its {len(transactions)} rows of transactions is another; transaction_count is {row.transaction_count}'
        return Broken('transaction-root-wrong', detail)

    def check_row(self, row, header, transactions, size, minted, fees, work):
        """The derived columns of a block."""
        same('id', row.id, header.id.hex())
        same('transaction_count', row.transaction_count, len(transactions))
        same('size', row.size, size)
        same('subsidy', row.subsidy, minted)
        same('fees', row.fees, fees)
        same('difficulty', row.difficulty, float(work))
        same('chain_work', row.chain_work, str(self.history.work))


# --- Receipts (PROTOCOL §12) ----------------------------------------------------------------------------------------------

MAX_RECEIPT_BYTES, MAX_HISTORY_NODES, MAX_STEPS, MAX_EDGES = 4096, 32, 16, 256
RECEIPT_VERSION = 1

# Key of a link, field, default in the form of the link.
LINK_KEYS = (
    ('T', 'block_time_ms', '15000'),
    ('subsidy', 'subsidy', '50'),
    ('halving', 'halving_interval', '0'),
    ('size', 'max_block_bytes', '262144'),
    ('pow', 'pow_limit_bits', '1e0fffff'),
    ('stamp', 'stamp_bits', '1e03ffff'),
    ('genesis', 'genesis_time_ms', '1767225600000'),
    ('start', 'start_bits', '1d3fffff'),
    ('grant', 'grant', '0'),
)


def link_value(key, text):
    """The value of a link's key as an integer: bits, units, or the number itself."""
    is_target, is_money = key in ('pow', 'start', 'stamp'), key in ('subsidy', 'grant')
    form = '[0-9a-f]{8}' if is_target else '[0-9]{1,10}([.][0-9]{1,6})?' if is_money else '[0-9]{1,18}'
    if not re.fullmatch(form, text):
        raise Unreadable(f'{key}={show(text)} in the link of the network')
    if is_money:
        whole, _, fraction = text.partition('.')
        return int(whole) * 10**6 + int(fraction.ljust(6, '0'))
    return int(text, 16 if is_target else 10)


def network_of_link(link):
    """The network of a link. The first occurrence of a key counts, and unknown keys are ignored."""
    given = {}
    for key, value in urllib.parse.parse_qsl(link.partition('#')[2], keep_blank_values=True):
        given.setdefault(key, value)
    if 'pow' in given:
        given.setdefault('start', given['pow'])
    meta = {field: str(link_value(key, given.get(key, default))) for key, field, default in LINK_KEYS}
    try:
        return Network({'label': given.get('net', 'main'), **meta})
    except Broken as broken:
        raise Unreadable(f'the link of the network: {broken.detail}') from broken


class Cursor:
    """Reads an encoding from its start to its end."""

    def __init__(self, raw):
        self.raw, self.at = raw, 0

    def take(self, size):
        require(size <= len(self.raw) - self.at, 'encoding-truncated', f'{size} bytes are missing at byte {self.at}')
        self.at += size
        return self.raw[self.at - size : self.at]

    def number(self, size):
        value = int.from_bytes(self.take(size), 'big')
        require(size < 8 or value <= LARGEST, 'encoding-non-canonical', f'{value} is above 2^53 - 1')
        return value

    def count(self, size, most):
        value = self.number(size)
        require(value <= most, 'encoding-too-long', f'{value}, at most {most} are allowed')
        return value

    def flag(self):
        value = self.number(1)
        require(value < 2, 'encoding-non-canonical', f'a flag is {value}')
        return value == 1

    def short(self):
        raw = self.take(self.count(1, 32))
        require(raw[:1] != b'\0', 'encoding-non-canonical', 'an integer begins with a zero')
        return int.from_bytes(raw, 'big')

    def text(self, longest):
        try:
            return self.take(self.count(1, longest)).decode('utf-8')
        except UnicodeDecodeError as error:
            raise Broken('encoding-non-canonical', 'a text is not UTF-8') from error

    def end(self):
        require(self.at == len(self.raw), 'encoding-trailing', f'{len(self.raw) - self.at} bytes follow the end')


def read_header(cursor):
    version, height, previous = cursor.number(4), cursor.number(4), cursor.take(32)
    roots = [cursor.take(32) for _ in range(3)]
    time_ms, bits, supply = cursor.number(8), cursor.number(4), cursor.number(8)
    return Header(version, height, previous, *roots, time_ms, bits, supply, cursor.take(20), cursor.take(20))


class Lookup:
    """Stands for the table of accounts where a transaction comes from bytes: each address refers to itself."""

    def __init__(self, registered=None):
        self.registered = registered

    def address(self, address, _column):
        return address

    def row(self, _address, _column):
        return self.registered


def read_transaction(cursor):
    """@returns the id, the network tag, and a function that makes the transaction for a network"""
    start = cursor.at
    kind, tag = cursor.number(1), cursor.take(4)
    require(kind in (1, 2), 'encoding-non-canonical', f'kind {kind} of a transaction is unknown')
    values = dict.fromkeys(TABLES['transactions'])
    if kind == 1:
        values.update(sender=cursor.take(20), recipient=cursor.take(20))
        values.update(amount=cursor.number(8), fee=cursor.number(8), nonce=cursor.number(4))
        memo = cursor.number(1)
        require(memo <= 2, 'encoding-non-canonical', f'kind {memo} of a memo is unknown')
        if memo == 1:
            values['memo'] = cursor.text(140)
            require(values['memo'], 'encoding-non-canonical', 'a plain memo is empty')
        elif memo == 2:
            values['sealed_memo'] = cursor.take(256)
        make, lookup = Transfer, Lookup()
    else:
        name, signing, encryption = cursor.text(20), cursor.take(256), cursor.take(256)
        account = dict.fromkeys(TABLES['accounts'])
        account.update(name=name, signing_key=signing, encryption_key=encryption)
        values.update(sender=sha256d(signing)[:20], stamp=cursor.take(20))
        make, lookup = Registration, Lookup(ROWS['accounts'](**account))
    row = ROWS['transactions'](**{**values, 'signature': cursor.take(256)})
    return sha256d(cursor.raw[start : cursor.at]), tag, lambda network: make(row, network, lookup)


class OfTransaction:
    """Evidence that a block holds a transaction."""

    def __init__(self, cursor):
        self.id, self.tag, self.make = read_transaction(cursor)
        self.steps = [(cursor.flag(), cursor.take(32)) for _ in range(cursor.count(1, MAX_STEPS))]

    def check(self, header, network):
        node = sha256(b'\0' + self.id)
        for is_left, beside in self.steps:
            node = sha256(b'\1' + (beside + node if is_left else node + beside))
        require(node == header.transaction_root, 'transaction-root-wrong', f'the steps lead to {node.hex()}')
        require(self.tag == network.id[:4], 'transaction-other-network', f'the tag is {self.tag.hex()}')
        transaction = self.make(network)
        transaction.check_alone()
        if isinstance(transaction, Registration):
            return f'transaction {self.id.hex()}: {address_text(transaction.sender)} registered the name {transaction.name}'
        parties = f'{address_text(transaction.sender)} paid {address_text(transaction.recipient)}'
        return f'transaction {self.id.hex()}: {parties} {transaction.amount} units'


class OfAccount:
    """Evidence of the row of an account after a block, or of its absence."""

    def __init__(self, cursor):
        self.address = cursor.take(20)
        self.row = self.name = None
        self.edges = []
        if not cursor.flag():
            return
        start = cursor.at
        self.found, self.balance, self.nonce = cursor.take(20), cursor.number(8), cursor.number(8)
        if cursor.flag():
            self.name = cursor.text(20)
            cursor.take(32)
        self.row = cursor.raw[start : cursor.at]
        self.edges = [(cursor.number(1), cursor.take(32)) for _ in range(cursor.count(2, MAX_EDGES))]
        falling = all(lower[0] > upper[0] for lower, upper in zip(self.edges, self.edges[1:]))
        require(falling, 'encoding-non-canonical', 'the bits of the edges do not fall')

    def check(self, header, _network):
        key = int.from_bytes(sha256(self.address), 'big')
        node = NO_LEAVES if self.row is None else sha256(b'\0' + self.row)
        for bit, beside in self.edges:
            node = sha256(bytes([1, bit]) + (beside + node if side(key, bit) else node + beside))
        require(node == header.state_root, 'state-proof-wrong', f'the account proof leads to {node.hex()}')
        text = f'account {address_text(self.address)}'
        if self.row is None or self.found != self.address:
            return f'{text} does not exist'
        name = '' if self.name is None else f', name {self.name}'
        return f'{text}: {self.balance} units, nonce {self.nonce}{name}'


class OfBlock:
    """Evidence of the block itself."""

    def __init__(self, _cursor):
        pass

    def check(self, header, _network):
        return f'block: miner {address_text(header.miner)}, time {header.time}'


EVIDENCE = {1: OfTransaction, 2: OfAccount, 3: OfBlock}


class Receipt:
    """A receipt, decoded by rules 1 to 3."""

    def __init__(self, raw):
        require(len(raw) <= MAX_RECEIPT_BYTES, 'encoding-too-long', f'{len(raw)} bytes')
        cursor = Cursor(raw)
        version = cursor.number(1)
        require(version == RECEIPT_VERSION, 'receipt-version', f'version {version}')
        self.tag = cursor.take(4)
        self.block = self.anchor = read_header(cursor)
        self.nodes = None
        if cursor.flag():
            self.anchor = read_header(cursor)
            self.nodes = [(cursor.take(32), cursor.short()) for _ in range(cursor.count(1, MAX_HISTORY_NODES))]
        kind = cursor.number(1)
        require(kind in EVIDENCE, 'encoding-non-canonical', f'kind {kind} of a receipt is unknown')
        self.evidence = EVIDENCE[kind](cursor)
        cursor.end()

    def check(self, network):
        """Rules 4 to 7. @returns what the receipt says, and the expected hashes above the block up to the anchor"""
        require(self.tag == network.id[:4], 'receipt-other-network', f'the tag is {self.tag.hex()}')
        for header in (self.block, self.anchor):
            self.check_work(header, network)
        work = 0 if self.nodes is None else self.work_above()
        return self.evidence.check(self.block, network), work

    @staticmethod
    def check_work(header, network):
        if header.id == network.id:
            return
        require(is_canonical(header.bits), 'bits-non-canonical', f'bits are {header.bits:08x}')
        require(expand(header.bits) <= expand(network.pow_limit_bits), 'bits-wrong', f'bits are {header.bits:08x}')
        number = int.from_bytes(header.id, 'big')
        require(number <= expand(header.bits), 'seal-above-target', f'block {header.height} has the id {header.id.hex()}')

    def work_above(self):
        """Checks the history proof."""
        height, size = self.block.height, self.anchor.height
        require(height < size, 'history-proof-wrong', f'block {height} is not below the anchor at height {size}')
        sides = self.sides(height, size)
        require(len(self.nodes) == len(sides), 'history-proof-wrong', f'{len(self.nodes)} nodes, the heights give {len(sides)}')
        own = work_of(self.block.bits) if height else 0
        node, before = (1, sha256(b'\0' + self.block.id + own.to_bytes(32, 'big')), own), 0
        for is_left, (digest, work) in zip(sides, self.nodes):
            require(node[2] + work < 2**256, 'history-proof-wrong', 'a sum of works reaches 2^256')
            before += work if is_left else 0
            beside = (1, digest, work)
            node = HistoryTree.join(beside, node) if is_left else HistoryTree.join(node, beside)
        require(node[1] == self.anchor.history_root, 'history-proof-wrong', f'the history proof leads to {node[1].hex()}')
        return node[2] - before - own + work_of(self.anchor.bits)

    @staticmethod
    def sides(height, size):
        """For each sibling on the way from a block to the root, lowest first: whether the sibling is on the left."""
        sides, low, high = [], 0, size
        while high - low > 1:
            middle = low + (1 << (high - low - 1).bit_length() - 1)
            sides.append(height >= middle)
            low, high = (middle, high) if height >= middle else (low, middle)
        return sides[::-1]


def verify_receipt(path, link, trusted):
    """@returns the exit status"""
    network = network_of_link(link)
    with open(path, 'rb') as file:
        raw = file.read(2 * MAX_RECEIPT_BYTES)
    if re.fullmatch(rb'\s*[A-Za-z0-9_-]+\s*', raw):  # the text form
        raw = base64.urlsafe_b64decode(raw.strip() + b'=' * (-len(raw.strip()) % 4))
    receipt = Receipt(raw)
    fact, work = receipt.check(network)
    print(f'network {network.label}, id {network.id.hex()}')
    print(fact)
    print(f'in block {receipt.block.height}, id {receipt.block.id.hex()}')
    print(f'anchor {receipt.anchor.height}, id {receipt.anchor.id.hex()}, {work} hashes above the block')
    for header in (receipt.anchor, receipt.block):
        if header.id.hex() == trusted:
            print(f'valid: you trust block {header.height}')
            return 0
    print(f'unproven: this is as certain as block {receipt.anchor.height}. Pass the id of a block that you trust as --block.')
    return 3


# --- Command line ---------------------------------------------------------------------------------------------------------


class Progress:
    """Prints the height about once a second."""

    def __init__(self):
        self.last = time.monotonic()

    def __call__(self, replay):
        now = time.monotonic()
        if now - self.last < 1:
            return
        self.last = now
        print(f'height {replay.tip.height}, {replay.transaction_count} transactions', file=sys.stderr, flush=True)


def sample_size(text):
    return None if text == 'all' else int(text)


def parse_arguments():
    parser = argparse.ArgumentParser(description='Verifies an exported Tabchain database from the genesis block on.')
    parser.add_argument('file', nargs='?', help='the exported .sqlite file')
    parser.add_argument(
        '--openssl', type=sample_size, default=16, metavar='N', help='signatures that openssl checks as well, or "all" (default: 16)'
    )
    parser.add_argument('--receipt', metavar='FILE', help='check this receipt, bytes or text, instead of a .sqlite file')
    parser.add_argument('--network', default='', metavar='LINK', help='link of the network of the receipt (default: the network main)')
    parser.add_argument('--block', type=str.lower, metavar='ID', help='id of a block that you trust')
    arguments = parser.parse_args()
    if (arguments.file is None) == (arguments.receipt is None):
        parser.error('name either a .sqlite file or a receipt')
    return arguments


def verify(path, witness):
    """@returns the verdict"""
    export = Export(path)
    replay = Replay(export, witness)
    print(f'network {replay.network.label}, id {replay.network.id.hex()}', flush=True)
    replay.run(Progress())
    witness.finish()
    export.check_schema()
    export.check_indexes()
    coins = f'{replay.tip.supply // 10**6}.{replay.tip.supply % 10**6:06d}'
    if witness.command is None:
        print('openssl is not installed, so only this program checked the signatures', file=sys.stderr)
    else:
        print(f'openssl checked {witness.checked} of {witness.seen} signatures as well')
    return f'valid: height {replay.tip.height}, tip {replay.tip.id.hex()}, {replay.transaction_count} transactions, supply {coins} coins'


def describe(broken):
    """A broken rule as one line: the code, the height and the row come first, in a fixed form."""
    height = '' if broken.height is None else f' at height {broken.height}'
    row = f', table {broken.table}, row {broken.row}' if broken.table else ''
    return f'invalid: {broken.code}{height}{row}: {broken.detail}'


def main():
    arguments = parse_arguments()
    try:
        if arguments.receipt is not None:
            return verify_receipt(arguments.receipt, arguments.network, arguments.block)
        print(verify(arguments.file, Witness(arguments.openssl)))
    except Broken as broken:
        print(describe(broken))
        return 1
    except (Unreadable, sqlite3.Error, OSError) as error:
        print(f'unreadable: {error}')
        return 2
    return 0


if __name__ == '__main__':
    sys.exit(main())
