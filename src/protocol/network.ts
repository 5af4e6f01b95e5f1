import { merkleRoot } from '../crypto/merkle.ts';
import { TabchainError } from '../util/errors.ts';
import { formatCoins, MAX_SUPPLY, parseCoins } from './amount.ts';
import { BLOCK_VERSION, sealBlock, type DecodedBlock } from './block.ts';
import { Writer } from './codec.ts';
import { EMPTY_HISTORY } from './history.ts';
import { EMPTY_STATE_ROOT } from './state-root.ts';
import { expandBits } from './target.ts';

/** Parameters that all tabs of a network share. The genesis block commits to them, and its id is the network's id. */
export interface NetworkParameters {
  /** `[a-z0-9]` and inner hyphens, 1–32 characters. */
  readonly label: string;
  /** Mean time between blocks, T. */
  readonly blockTimeMs: number;
  /** Smallest units that a block mints before the first halving. */
  readonly subsidy: number;
  /** Blocks between halvings, 0 for none. */
  readonly halvingInterval: number;
  readonly maxBlockBytes: number;
  /** Easiest target, compact. */
  readonly powLimitBits: number;
  /** Target of a registration's stamp, compact. */
  readonly stampBits: number;
  readonly genesisTimeMs: number;
  /** Target from which the difficulty starts, compact: the bits of the genesis block. Never easier than `powLimitBits`. */
  readonly startBits: number;
  /** Smallest units that a registration mints for its account. */
  readonly grant: number;
}

export interface Network extends NetworkParameters {
  /** Genesis block id, 64 hexadecimal digits. */
  readonly id: string;
  readonly genesis: DecodedBlock;
}

export const DEFAULT_LABEL = 'main';

/** 2^26 expected hashes: one ordinary tab finds such a block about once in the default block time. */
export const DEFAULT_START_BITS = 0x1d3fffff;

const DEFAULTS: Omit<NetworkParameters, 'label' | 'startBits'> = {
  blockTimeMs: 15_000,
  subsidy: 50_000_000,
  halvingInterval: 0,
  maxBlockBytes: 256 * 1024,
  // 2^20 expected hashes: about two seconds of a slow tab at 0.5 MH/s, so a single phone still finds blocks.
  powLimitBits: 0x1e0fffff,
  // 2^22 expected hashes: about two seconds of one tab at 2 MH/s.
  stampBits: 0x1e03ffff,
  // 2026-01-01T00:00:00Z. In the past for every tab; easing makes up for the gap before the first block.
  genesisTimeMs: 1_767_225_600_000,
  grant: 0,
};

/** Keys of the parameters in a network link, in the order in which they are written. */
const LINK_FIELDS = [
  ['T', 'blockTimeMs', 'integer'],
  ['subsidy', 'subsidy', 'coins'],
  ['grant', 'grant', 'coins'],
  ['halving', 'halvingInterval', 'integer'],
  ['size', 'maxBlockBytes', 'integer'],
  ['pow', 'powLimitBits', 'bits'],
  ['start', 'startBits', 'bits'],
  ['stamp', 'stampBits', 'bits'],
  ['genesis', 'genesisTimeMs', 'integer'],
] as const;

/** Keys of a link's fragment, other than `net`, that are parameters of the network. */
export const LINK_KEYS: readonly string[] = LINK_FIELDS.map(([key]) => key);

const LABEL_MAX_LENGTH = 32;
const LABEL_PATTERN = /^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/;

/** The largest block size that a network may allow: a few WebRTC messages, and a second of a phone's work. */
export const LARGEST_BLOCK_BYTES = 4 * 1024 * 1024;

const keyOf = (field: string): string => LINK_FIELDS.find(([, name]) => name === field)?.[0] ?? field;

/** A network whose easiest target was chosen starts at that target: its creator wants blocks at once. */
function usualStartBits(powLimitBits: number | undefined): number {
  return powLimitBits ?? DEFAULT_START_BITS;
}

/** Inclusive ranges. A block must hold a few transactions; a day is the longest sensible block time. */
const RANGES: Record<
  'blockTimeMs' | 'subsidy' | 'grant' | 'halvingInterval' | 'maxBlockBytes' | 'genesisTimeMs',
  readonly [number, number]
> = {
  blockTimeMs: [200, 86_400_000],
  subsidy: [0, 1_000_000_000_000_000],
  grant: [0, 1_000_000_000_000_000],
  halvingInterval: [0, 1_000_000_000],
  maxBlockBytes: [4_096, LARGEST_BLOCK_BYTES],
  genesisTimeMs: [0, 2 ** 48],
};

function invalid(message: string, details: Record<string, string | number> = {}): TabchainError {
  return new TabchainError('network-invalid', message, details);
}

/**
 * Completes, checks and freezes parameters, and derives the genesis block.
 * @throws TabchainError `network-invalid`
 */
export function createNetwork(given: Partial<NetworkParameters> = {}): Network {
  const startBits = usualStartBits(given.powLimitBits);
  const parameters: NetworkParameters = { label: DEFAULT_LABEL, ...DEFAULTS, startBits, ...given };
  if (!LABEL_PATTERN.test(parameters.label)) {
    const { label } = parameters;
    throw invalid('A network label has 1 to 32 of a-z, 0-9 and inner hyphens.', { field: 'net', label, proposed: proposedLabel(label) });
  }
  for (const [field, [low, high]] of Object.entries(RANGES)) {
    const value = parameters[field as keyof typeof RANGES];
    if (!Number.isSafeInteger(value) || value < low || value > high) {
      throw invalid(`The network parameter ${field} must be a whole number from ${low} to ${high}.`, { field: keyOf(field), low, high });
    }
  }
  const limit = targetOf(parameters, 'powLimitBits');
  targetOf(parameters, 'stampBits');
  if (targetOf(parameters, 'startBits') > limit) {
    const easiest = hexBits(parameters.powLimitBits);
    throw invalid(`The network parameter startBits is easier than the easiest target, ${easiest}: leave it out, or choose a harder one.`, {
      field: 'start',
      easiest,
    });
  }
  const genesis = genesisBlock(parameters);
  return Object.freeze({ ...parameters, id: genesis.id, genesis });
}

/** @throws TabchainError `network-invalid` */
function targetOf(parameters: NetworkParameters, field: 'powLimitBits' | 'stampBits' | 'startBits'): bigint {
  try {
    return expandBits(parameters[field]);
  } catch {
    throw invalid(`The network parameter ${field} is not a canonical compact target.`, { field: keyOf(field) });
  }
}

/** The valid label most similar to `text`; empty where `text` has no valid character. */
export function proposedLabel(text: string): string {
  const words = text
    .normalize('NFKC')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  return words.join('-').slice(0, LABEL_MAX_LENGTH).replace(/-$/, '');
}

/** Canonical bytes of the parameters: the only leaf under the genesis block's transaction root. */
export function encodeParameters(p: NetworkParameters): Uint8Array {
  return new Writer()
    .text8(p.label)
    .u53(p.blockTimeMs)
    .u53(p.subsidy)
    .u53(p.halvingInterval)
    .u53(p.maxBlockBytes)
    .u32(p.powLimitBits)
    .u32(p.stampBits)
    .u53(p.genesisTimeMs)
    .u32(p.startBits)
    .u53(p.grant)
    .finish();
}

/** The genesis block has no transactions and no proof of work. Its transaction root commits to the parameters instead. */
function genesisBlock(p: NetworkParameters): DecodedBlock {
  return sealBlock(
    {
      version: BLOCK_VERSION,
      height: 0,
      previous: '00'.repeat(32),
      historyRoot: EMPTY_HISTORY.root,
      transactionRoot: merkleRoot([encodeParameters(p)]),
      stateRoot: EMPTY_STATE_ROOT,
      timeMs: p.genesisTimeMs,
      bits: p.startBits,
      supply: 0,
      miner: '00'.repeat(20),
    },
    new Uint8Array(20),
    [],
  );
}

/**
 * The network of a location fragment. `#net=<label>` has the default parameters, and further keys override them. Without `net` the label
 * is {@link DEFAULT_LABEL}. Keys of other purposes are ignored.
 * @throws TabchainError `network-invalid`
 */
export function parseNetworkLink(fragment: string): Network {
  const values = new URLSearchParams(fragment.replace(/^#/, ''));
  const given: Record<string, string | number> = { label: values.get('net') ?? DEFAULT_LABEL };
  for (const [key, field, kind] of LINK_FIELDS) {
    const text = values.get(key);
    if (text !== null) given[field] = parseField(text, kind, key);
  }
  return createNetwork(given as Partial<NetworkParameters>);
}

function parseField(text: string, kind: 'integer' | 'coins' | 'bits', key: string): number {
  if (kind === 'integer' && /^\d{1,15}$/.test(text)) return Number(text);
  if (kind === 'bits' && /^[0-9a-f]{8}$/.test(text)) return Number.parseInt(text, 16);
  if (kind === 'coins') {
    try {
      return parseCoins(text);
    } catch {
      // Continues to the error about links below.
    }
  }
  throw invalid(`The network link's "${key}" cannot be read.`, { field: key, given: text.slice(0, 40) });
}

/** The shortest fragment that joins this network, e.g. "#net=demo". */
export function formatNetworkLink(network: NetworkParameters): string {
  const values = new URLSearchParams({ net: network.label });
  const powGiven = network.powLimitBits === DEFAULTS.powLimitBits ? undefined : network.powLimitBits;
  const usual = { ...DEFAULTS, startBits: usualStartBits(powGiven) };
  for (const [key, field, kind] of LINK_FIELDS) {
    const value = network[field];
    if (value === usual[field]) continue;
    values.set(key, kind === 'coins' ? formatCoins(value) : kind === 'bits' ? hexBits(value) : String(value));
  }
  return '#' + values.toString();
}

function hexBits(bits: number): string {
  return bits.toString(16).padStart(8, '0');
}

/**
 * Smallest units that the block at `height` ≥ 1 mints for its miner. The supply never exceeds {@link MAX_SUPPLY}.
 * @param supply units in existence before the reward
 */
export function subsidyAt(network: NetworkParameters, height: number, supply: number): number {
  const era = network.halvingInterval === 0 ? 0 : Math.floor(height / network.halvingInterval);
  return Math.min(Math.floor(network.subsidy / 2 ** era), MAX_SUPPLY - supply);
}
