/** Meeting another tab by hand, without any server; a part of `api.ts`. */

/** An invitation or a reply, to show to the other person as text, link or QR code. */
export interface HandText {
  /** At most 400 characters. */
  text: string;
  /** Until when the text works, Unix milliseconds. */
  expires: number;
  /** `network`: devices of one local network can connect; `internet`: others can, too, because a STUN server has told a public address. */
  reach: 'network' | 'internet';
}

/** `peer`: peer id of the tab that made the invitation. */
export type HandReply = HandText & { peer: string };
