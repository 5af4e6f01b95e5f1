import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { expectedBits } from '../../../src/consensus/difficulty.ts';
import { meetsTarget } from '../../../src/consensus/header.ts';
import { BLOCK_VERSION, sealHeader, transactionRoot, type SealedHeader } from '../../../src/protocol/block.ts';
import { EMPTY_HISTORY, type History } from '../../../src/protocol/history.ts';
import { workOfBits } from '../../../src/protocol/target.ts';
import { MAX_HEADERS } from '../../../src/protocol/wire.ts';
import { Attack, type Field } from '../attack.ts';

/** Headers per message; sealing them takes this process a few milliseconds. */
const PART = Math.min(MAX_HEADERS, 250);

/** Long branches from the genesis block at the easiest target, each header with valid work. */
export class HeaderBranches extends Attack {
  override readonly name = 'header-branches';
  override readonly summary = 'branches of valid headers that cost next to nothing and have no bodies';
  override readonly identities = 4;

  override async run(field: Field): Promise<void> {
    const { arena } = field;
    while (!field.over()) {
      const branch: SealedHeader[] = [];
      let history = EMPTY_HISTORY.append(arena.network.id, 0n);
      while (branch.length < 1_000 && !field.over()) {
        history = extend(branch, history, arena.network, PART);
        const [link] = arena.attacker.links;
        if (link) await arena.attacker.say(link, { type: 'headers', headers: branch.slice(-PART) });
        await pause(0);
      }
    }
  }
}

/** Appends headers to a branch, whose history is given. @returns the new history */
function extend(branch: SealedHeader[], history: History, network: Field['arena']['network'], count: number): History {
  const at = (height: number): SealedHeader => (height === 0 ? network.genesis : branch[height - 1]!);
  for (let i = 0; i < count; i++) {
    const parent = at(branch.length);
    const timeMs = parent.header.timeMs + 6 * network.blockTimeMs;
    const header = {
      version: BLOCK_VERSION,
      height: branch.length + 1,
      previous: parent.id,
      historyRoot: history.root,
      transactionRoot: transactionRoot([]),
      stateRoot: new Uint8Array(randomBytes(32)),
      timeMs,
      bits: expectedBits(network, { parent, at }, timeMs),
      supply: 0,
      miner: '00'.repeat(20),
    };
    for (;;) {
      const sealed = sealHeader(header, new Uint8Array(randomBytes(20)));
      if (!meetsTarget(sealed.id, header.bits)) continue;
      branch.push(sealed);
      history = history.append(sealed.id, workOfBits(header.bits));
      break;
    }
  }
  return history;
}
