import { beforeEach, describe, expect, test } from 'vitest';
import { ByHand, HAND_LINK_TIMEOUT_MS, INVITATION_LIFE_MS, INVITATIONS, MAX_OPEN_INVITATIONS } from '../../../src/webrtc/by-hand.ts';
import type { HandMet } from '../../../src/net/transport.ts';
import type { HandmadePeerFactory, IceNames } from '../../../src/webrtc/handmade-peers.ts';
import { createIdentity } from '../../../src/webrtc/identity.ts';
import type { RtcPeer, RtcPeerEvents } from '../../../src/webrtc/rtc-peer.ts';
import { describe as description, sessionOf } from '../../../src/webrtc/session-description.ts';
import { errorCode } from '../../../src/util/errors.ts';
import { seededRandom } from '../net/support/test-node.ts';
import { VirtualTime } from '../net/support/virtual-time.ts';

const ROOM = 'ab'.repeat(32);

/** WebRTC in memory: two ends connect once each has the description of the other, found by the names in it. */
class FakeWebRtc {
  readonly ends = new Map<string, FakeEnd>();
  made = 0;
  blocked = false;
}

class FakeEnd implements RtcPeer {
  readonly #world: FakeWebRtc;
  readonly #names: IceNames;
  readonly events: RtcPeerEvents;
  readonly #initiator: boolean;
  #other: string | null = null;
  #open = false;
  destroyed = false;

  constructor(world: FakeWebRtc, initiator: boolean, events: RtcPeerEvents, names: IceNames | null) {
    const number = String(++world.made).padStart(4, '0');
    this.#world = world;
    this.#initiator = initiator;
    this.events = events;
    this.#names = names ?? { ufrag: number, password: `password-of-the-end-${number}`.replaceAll('-', '+') };
    world.ends.set(this.#names.ufrag, this);
    if (initiator) queueMicrotask(() => this.#describe());
  }

  #describe(): void {
    const candidates = [{ type: 'host', family: 'ipv4', address: Uint8Array.of(10, 0, 0, 1), port: 9 }] as const;
    this.events.signal(description(this.#initiator ? 'offer' : 'answer', { ...this.#names, fingerprint: new Uint8Array(32), candidates }));
  }

  signal(data: object): void {
    this.#other = sessionOf((data as { sdp: string }).sdp).ufrag;
    if (!this.#initiator) queueMicrotask(() => this.#describe());
    const other = this.#world.ends.get(this.#other);
    if (this.#world.blocked || this.#initiator === false || other?.destroyed !== false || other.#other !== this.#names.ufrag) return;
    for (const end of [this, other]) {
      end.#open = true;
      end.events.connected();
    }
  }

  /** The browser gives up. */
  fail(): void {
    this.destroyed = true;
    this.events.closed('failed');
  }

  send(bytes: Uint8Array): void {
    if (this.#open) this.#world.ends.get(this.#other!)!.events.message(bytes);
  }

  bufferedBytes(): number {
    return 0;
  }

  destroy(): void {
    if (this.destroyed) return;
    this.fail();
  }
}

describe('meeting by hand', () => {
  let time: VirtualTime;
  let world: FakeWebRtc;
  beforeEach(() => {
    time = new VirtualTime(1_800_000_000_000);
    world = new FakeWebRtc();
  });

  function tab(name: string, { room = ROOM, webrtc = true } = {}) {
    const identity = createIdentity(seededRandom(name));
    const log: string[] = [];
    const met: HandMet[] = [];
    const createPeer: HandmadePeerFactory = (initiator, events, names) => new FakeEnd(world, initiator, events, names);
    const byHand = new ByHand({
      identity,
      room,
      preparePeers: () => (webrtc ? Promise.resolve(createPeer) : Promise.reject(new ReferenceError('RTCPeerConnection'))),
      adopt: (peer) => ({
        signal: () => undefined,
        connected: () => log.push(`linked ${peer}`),
        message: (bytes) => log.push(`message ${bytes.join()}`),
        drained: () => undefined,
        closed: () => log.push('closed'),
      }),
      onMet: (each) => met.push(each),
      clock: time,
      timers: time,
    });
    byHand.start();
    return { byHand, peerId: identity.peerId, log, met };
  }

  const codeOf = (promise: Promise<unknown>): Promise<string> => promise.then(() => 'fulfilled', errorCode);

  test('links two tabs, which prove their ids to each other', async () => {
    const [alex, ming] = [tab('alex'), tab('ming')];
    const invitation = await alex.byHand.invite();
    expect(invitation).toMatchObject({ expires: time.now() + INVITATION_LIFE_MS, reach: 'network' });
    const reply = await ming.byHand.acceptInvitation(`Here: ${invitation.text}`);
    expect(reply.peer).toBe(alex.peerId);
    expect([alex.log, ming.log]).toEqual([[], []]);
    expect(await alex.byHand.acceptReply(reply.text)).toEqual({ peer: ming.peerId });
    expect([alex.log, ming.log]).toEqual([[`linked ${ming.peerId}`], [`linked ${alex.peerId}`]]);
    await time.advance(INVITATION_LIFE_MS);
    expect([alex.log, ming.log].flat()).not.toContain('closed');
  });

  test('one reply uses one invitation up; several invitations wait side by side', async () => {
    const [alex, ming, wu] = [tab('alex'), tab('ming'), tab('wu')];
    const [first, second] = [await alex.byHand.invite(), await alex.byHand.invite()];
    const fromWu = await wu.byHand.acceptInvitation(second.text);
    const fromMing = await ming.byHand.acceptInvitation(first.text);
    const alsoFromWu = await wu.byHand.acceptInvitation(first.text);
    await alex.byHand.acceptReply(fromMing.text);
    expect(await codeOf(alex.byHand.acceptReply(fromMing.text))).toBe('reply-unknown');
    expect(await codeOf(alex.byHand.acceptReply(alsoFromWu.text))).toBe('reply-unknown');
    await alex.byHand.acceptReply(fromWu.text);
    expect(alex.log).toEqual([`linked ${ming.peerId}`, `linked ${wu.peerId}`]);
  });

  test('each end hears which invitation linked it with which tab', async () => {
    const [alex, ming, wu] = [tab('alex'), tab('ming'), tab('wu')];
    const [first, second] = [await alex.byHand.invite(), await alex.byHand.invite()];
    const other = await ming.byHand.invite();
    await ming.byHand.acceptInvitation(first.text);
    const reply = await wu.byHand.acceptInvitation(second.text);
    expect(reply.id).toBe(second.id);
    await alex.byHand.acceptReply(reply.text);
    expect(alex.met).toEqual([{ invitation: second.id, peer: wu.peerId }]);
    expect(wu.met).toEqual([{ invitation: second.id, peer: alex.peerId }]);
    expect(ming.met).toEqual([]);
    await ming.byHand.acceptReply((await alex.byHand.acceptInvitation(other.text)).text);
    expect(alex.met[1]).toEqual({ invitation: other.id, peer: ming.peerId });
    expect(new Set([first.id, second.id, other.id]).size).toBe(3);
  });

  test('an invitation and its reply wait almost ten minutes, though the browser gives up every five seconds', async () => {
    const [alex, ming] = [tab('alex'), tab('ming')];
    const invitation = await alex.byHand.invite();
    await time.advance(5_000);
    const reply = await ming.byHand.acceptInvitation(invitation.text);
    expect(reply.expires).toBe(invitation.expires);
    while (time.now() < invitation.expires - 6_000) {
      await time.advance(5_000);
      world.ends.get('0002')!.fail();
    }
    await time.advance(1_000);
    expect(world.made).toBeGreaterThan(100);
    await alex.byHand.acceptReply(reply.text);
    expect([alex.log, ming.log]).toEqual([[`linked ${ming.peerId}`], [`linked ${alex.peerId}`]]);
    await time.advance(2 * INVITATION_LIFE_MS);
    expect([alex.log, ming.log].flat()).not.toContain('closed');
  });

  test('the same invitation gives the same reply again', async () => {
    const [alex, ming] = [tab('alex'), tab('ming')];
    const { text } = await alex.byHand.invite();
    const replies = await Promise.all([ming.byHand.acceptInvitation(text), ming.byHand.acceptInvitation(text)]);
    expect(replies[0]).toEqual(replies[1]);
    expect(world.made).toBe(2);
  });

  test('the replying end makes its connection again, under the same names, when the browser gives up', async () => {
    const [alex, ming] = [tab('alex'), tab('ming')];
    const reply = await ming.byHand.acceptInvitation((await alex.byHand.invite()).text);
    for (let round = 0; round < 3; round++) {
      world.ends.get('0002')!.fail();
      await time.advance(1_000);
    }
    expect(world.made).toBe(5);
    await alex.byHand.acceptReply(reply.text);
    expect(ming.log).toEqual([`linked ${alex.peerId}`]);
  });

  test('invitations and replies expire, and then hold no connection', async () => {
    const [alex, ming] = [tab('alex'), tab('ming')];
    const { text } = await alex.byHand.invite();
    const reply = await ming.byHand.acceptInvitation(text);
    await time.advance(INVITATION_LIFE_MS + 1_000);
    expect([...world.ends.values()].every(({ destroyed }) => destroyed)).toBe(true);
    expect(await codeOf(alex.byHand.acceptReply(reply.text))).toBe('reply-unknown');
    const made = world.made;
    await time.advance(60_000);
    expect(world.made).toBe(made);
    // Within the tolerance for clocks a reply is still made, and the inviting tab decides.
    await time.advance(5 * 60_000);
    expect(await codeOf(ming.byHand.acceptInvitation(text))).toBe('invitation-expired');
  });

  test('a reply that leads to no link is told', async () => {
    const [alex, ming] = [tab('alex'), tab('ming')];
    const reply = await ming.byHand.acceptInvitation((await alex.byHand.invite()).text);
    world.blocked = true;
    const accepted = codeOf(alex.byHand.acceptReply(reply.text));
    await time.advance(HAND_LINK_TIMEOUT_MS + 1_000);
    expect(await accepted).toBe('invitation-not-linked');
  });

  test('what does not fit is refused with its reason, and changes nothing', async () => {
    const [alex, ming, elsewhere] = [tab('alex'), tab('ming'), tab('elsewhere', { room: 'cd'.repeat(32) })];
    const { text } = await alex.byHand.invite();
    const reply = await ming.byHand.acceptInvitation(text);
    expect(await codeOf(alex.byHand.acceptInvitation(text))).toBe('invitation-own');
    expect(await codeOf(ming.byHand.acceptInvitation(reply.text))).toBe('invitation-kind');
    expect(await codeOf(alex.byHand.acceptReply(text))).toBe('invitation-kind');
    expect(await codeOf(elsewhere.byHand.acceptInvitation(text))).toBe('invitation-other-network');
    expect(await codeOf(alex.byHand.acceptReply('hello'))).toBe('invitation-unreadable');
    expect(await codeOf(tab('old', { webrtc: false }).byHand.invite())).toBe('webrtc-unavailable');
    await alex.byHand.acceptReply(reply.text);
  });

  test('a disconnected tab neither invites nor replies, and its open invitations end', async () => {
    const [alex, ming] = [tab('alex'), tab('ming')];
    const { text } = await alex.byHand.invite();
    const reply = await ming.byHand.acceptInvitation(text);
    alex.byHand.stop();
    expect(await codeOf(alex.byHand.invite())).toBe('links-off');
    expect(await codeOf(alex.byHand.acceptReply(reply.text))).toBe('links-off');
    alex.byHand.start();
    expect(await codeOf(alex.byHand.acceptReply(reply.text))).toBe('reply-unknown');
  });

  test('open invitations are bounded: the oldest gives way; so is their number in a time', async () => {
    const alex = tab('alex');
    for (let i = 0; i < INVITATIONS.burst; i++) await alex.byHand.invite();
    expect([...world.ends.values()].filter(({ destroyed }) => !destroyed)).toHaveLength(MAX_OPEN_INVITATIONS);
    expect(await codeOf(alex.byHand.invite())).toBe('invitation-too-many');
    await time.advance(30_000);
    expect(await codeOf(alex.byHand.invite())).toBe('fulfilled');
  });
});
