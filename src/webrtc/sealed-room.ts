import { keyedRoom } from '../protocol/room-key.ts';
import type { Random } from '../util/ports.ts';
import type { Rendezvous } from './rendezvous.ts';
import { RoomSeal } from './room-seal.ts';
import { SealedRendezvous } from './sealed-rendezvous.ts';

/** What a room key changes: tabs meet in another room, and all that they send through others is sealed. */
export interface SealedRoom {
  /** Where the tabs with the key meet. */
  readonly room: string;
  /** Seals each rendezvous of a tab. */
  sealFor(peerId: string, random: Random): (rendezvous: Rendezvous) => Rendezvous;
}

/** @param room of the network (protocol/room.ts) */
export function sealedRoom(room: string, key: Uint8Array): SealedRoom {
  const keys = keyedRoom(room, key);
  return {
    room: keys.room,
    sealFor: (peerId, random) => {
      const seal = new RoomSeal(keys, peerId, random);
      return (rendezvous) => new SealedRendezvous(rendezvous, seal);
    },
  };
}
