import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import type { SignalingServer } from './signaling-server.ts';
import type { Counts } from './tally.ts';

/** The figures of a server, and those of its process (memory, processor time, delay of the event loop), for Prometheus. */
export function createMetrics(signaling: SignalingServer): Registry {
  const register = new Registry();
  const gauge = (name: string, help: string, value: () => number): void => {
    new Gauge({
      name,
      help,
      registers: [register],
      collect() {
        this.set(value());
      },
    });
  };
  const counter = <K extends string>(name: string, help: string, label: string, counts: Counts<K>): void => {
    new Counter({
      name,
      help,
      labelNames: [label],
      registers: [register],
      collect() {
        // The tally counts; this object only writes the text.
        this.reset();
        for (const [kind, number] of counts.entries()) this.inc({ [label]: kind }, number);
      },
    });
  };
  gauge('tabchain_sockets', 'Open WebSockets', () => signaling.connectionCount);
  gauge('tabchain_rooms', 'Rooms with members', () => signaling.roomCount);
  const { cluster, tally } = signaling;
  if (cluster !== null) {
    gauge('tabchain_redis_up', 'Whether messages of other processes arrive', () => Number(cluster.live));
    gauge('tabchain_other_servers', 'Other processes that serve the same rooms', () => cluster.others);
  }
  counter('tabchain_messages_received_total', 'Messages from tabs', 'kind', tally.received);
  counter('tabchain_messages_sent_total', 'Messages to tabs', 'kind', tally.sent);
  counter('tabchain_bytes_total', 'Bytes of messages, without the headers of frames', 'direction', tally.bytes);
  counter('tabchain_refused_total', 'Sockets refused or ended by the server', 'reason', tally.refused);
  collectDefaultMetrics({ register });
  return register;
}
