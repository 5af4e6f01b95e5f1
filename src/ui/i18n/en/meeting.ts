/** English texts about the ways to meet other tabs: the state of the links, servers, private rooms. */
export const enMeeting = {
  badLink: {
    withoutServers: 'Continue with this page’s own server',
    withoutIceServers: 'Continue without these servers',
    withoutKey: 'Open without the key',
    withoutKeyText: 'Without the key you do not meet the people who have it. You meet everybody else on this network.',
  },
  linkState: {
    online: { label: 'Online', text: 'Connected directly with other tabs; there is nothing to do.' },
    relayed: {
      label: 'Relayed',
      text: 'Connected through a server only. This works, but another network, or a TURN server in the settings, can be faster.',
    },
    alone: {
      label: 'Alone',
      text: 'Nobody else is here. Open the join link in another tab or on another device; the chain on this tab is ready.',
    },
    offline: {
      label: 'Offline',
      text: 'No server answers, and no other tab is connected. Check this device’s network; the chain on this tab is ready.',
    },
    searching: { label: 'Searching', text: 'Looking for other tabs; the chain on this tab is ready.' },
  },
  met: { hand: 'met by hand', peers: 'met through a tab' },
  servers: {
    title: 'Servers',
    signaling: 'Signaling servers',
    signalingText: 'They introduce tabs to each other, and pass data on where no direct connection works.',
    noSignaling: 'None. Tabs of this browser find each other, and connected tabs introduce others.',
    ice: 'STUN and TURN servers',
    iceText: 'They help to connect directly through routers. STUN servers learn your address, TURN servers pass on encrypted data.',
    noIce: 'None, so this page asks no third party.',
    source: { link: 'from the link', page: 'from this page', device: 'added here' },
    address: 'Address of a server',
    hint: 'wss://example.org/signal, stun:stun.example.org or turn:user:password@turn.example.org:3478',
    add: 'Add',
    remove: 'Remove',
    removeWhat: (address: string) => `Remove ${address}`,
    kept: 'Added servers are kept on this device for this network, a TURN password unencrypted. The join link names added signaling servers, but no added STUN or TURN servers.',
  },
  room: {
    title: 'Private room',
    inside:
      'You are in a private room. Only people who have its whole link meet here. Servers can neither read nor forge your introductions.',
    insideShare: 'The join link contains the key, so give it only to people you want to meet here. Links to receipts do not contain it.',
    outside:
      'Everybody who knows this network’s name can join it. A link with a key opens a private room: without the key, nobody meets you.',
    make: 'Make a private link',
    makeAnother: 'Make a link with another key',
    made: 'A new link with a random key. Send it privately: everybody who has the link has the key. Nobody can recover a lost key.',
    link: 'Private link',
    qr: 'QR code of the private link',
    open: 'Open it here',
  },
};
