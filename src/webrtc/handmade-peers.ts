import type SimplePeer from 'simple-peer';
import type { RtcPeer, RtcPeerEvents } from './rtc-peer.ts';
import { openSimplePeer } from './simple-peer-rtc.ts';

/** By these names the checks of ICE find a connection (RFC 8839 §5.4). */
export interface IceNames {
  readonly ufrag: string;
  readonly password: string;
}

/**
 * Makes a connection whose description holds all its addresses. All connections of one factory have one certificate, so a connection with
 * the `names` of an earlier connection can take its place.
 */
export type HandmadePeerFactory = (initiator: boolean, events: RtcPeerEvents, names: IceNames | null) => RtcPeer;

/**
 * @param iceServers the STUN and TURN servers for the next connection
 * @throws ReferenceError where WebRTC is switched off
 */
export async function handmadePeers(iceServers: () => readonly RTCIceServer[]): Promise<HandmadePeerFactory> {
  const certificates = [await RTCPeerConnection.generateCertificate({ name: 'ECDSA', namedCurve: 'P-256' } as EcKeyGenParams)];
  const wrtc = patientWebRtc();
  return (initiator, events, names) =>
    openSimplePeer(events, {
      initiator,
      trickle: false,
      config: { iceServers: [...iceServers()], certificates },
      ...(initiator ? { wrtc } : {}),
      ...(names ? { sdpTransform: (sdp) => renamed(sdp as string, names) } : {}),
    });
}

function renamed(sdp: string, { ufrag, password }: IceNames): string {
  return sdp.replace(/a=ice-ufrag:\S+/g, `a=ice-ufrag:${ufrag}`).replace(/a=ice-pwd:\S+/g, `a=ice-pwd:${password}`);
}

/**
 * WebRTC as simple-peer takes it, whose connections do not fail before they were connected. An offer waits for minutes until a person has
 * brought the reply. If checks of the other end have come meanwhile and then paused, Chromium reports `failed` for some seconds although
 * the connection comes up, and simple-peer would give the connection up.
 */
function patientWebRtc(): NonNullable<SimplePeer.Options['wrtc']> {
  class PatientConnection extends RTCPeerConnection {
    #connected = false;

    override get connectionState(): RTCPeerConnectionState {
      const state = super.connectionState;
      this.#connected ||= state === 'connected';
      return state === 'failed' && !this.#connected ? 'connecting' : state;
    }

    override get iceConnectionState(): RTCIceConnectionState {
      const state = super.iceConnectionState;
      return state === 'failed' && !this.#connected ? 'checking' : state;
    }
  }
  return { RTCPeerConnection: PatientConnection, RTCSessionDescription, RTCIceCandidate };
}
