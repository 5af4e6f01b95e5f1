import { WebSocket } from 'ws';
import { agree, waitUntil } from '../../browser/harness/wait.ts';
import { Attack, type Field } from '../attack.ts';

/** More strangers than a tab accepts. A newcomer must still get a link, and the neighbour must keep its own. */
export class SlotFiller extends Attack {
  override readonly name = 'slot-filler';
  override readonly summary = 'forty strangers take all links of a tab, then an honest newcomer arrives';
  override readonly identities = 40;

  override check({ arena }: Field): Promise<void> {
    return arena.withNewcomer((newcomer) => waitUntil([arena.victim, newcomer], 'a newcomer to be in sync', agree, 30_000));
  }
}

/** Signals that make a tab answer, from many identities. The answers must not get the tab disconnected from the server. */
export class SignalStorm extends Attack {
  override readonly name = 'signal-storm';
  override readonly summary = 'strangers ask for links and relays again and again, ten times a second each';
  override readonly identities = 10;

  override async run({ arena }: Field): Promise<void> {
    await arena.attacker.signal(arena.victimId, 'relay-open', 10);
    await arena.attacker.signal(arena.victimId, 'want', 5);
  }

  override async check({ arena }: Field): Promise<void> {
    const { sync } = await arena.victim.status();
    if (sync.signaling !== 'connected') throw new Error(`The victim's connection to the server is ${sync.signaling}.`);
  }
}

/** Tries to join with the ids of the victim and the neighbour, without their keys. */
export class Impostor extends Attack {
  override readonly name = 'impostor';
  override readonly summary = "joins under an honest tab's id, again and again";
  override readonly identities = 0;
  #welcomes = 0;

  override async run(field: Field): Promise<void> {
    const { arena } = field;
    while (!field.over()) {
      for (const peer of [arena.victimId, arena.neighbourId]) await this.#tryAs(peer, arena.room, arena.server.url);
    }
  }

  override async check(): Promise<void> {
    if (this.#welcomes > 0) throw new Error(`The server let a thief in ${this.#welcomes} times.`);
  }

  #tryAs(peer: string, room: string, url: string): Promise<void> {
    return new Promise((resolve) => {
      const socket = new WebSocket(`${url.replace('http', 'ws')}signal`);
      const end = (): void => {
        socket.terminate();
        resolve();
      };
      socket.on('error', end);
      socket.on('close', end);
      socket.on('message', (data: Buffer) => {
        const message = JSON.parse(data.toString()) as { type: string };
        if (message.type === 'welcome') this.#welcomes++;
        if (message.type !== 'challenge') return end();
        const forged = { key: 'ab'.repeat(32), signature: 'cd'.repeat(64) };
        socket.send(JSON.stringify({ type: 'join', room, peer, ...forged }));
      });
    });
  }
}
