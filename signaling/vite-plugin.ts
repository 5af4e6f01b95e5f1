import type { Plugin } from 'vite';
import { SignalingServer } from './signaling-server.ts';

/** Puts the signaling server on the port of Vite's development server, as `npm start` does for the built page. */
export function signalingPlugin(): Plugin {
  return {
    name: 'tabchain-signaling',
    apply: 'serve',
    configureServer({ httpServer }) {
      if (httpServer === null) return;
      const signaling = new SignalingServer();
      // Vite's own socket for hot updates lives on the same server.
      signaling.attach(httpServer, 'ignore');
      httpServer.on('close', () => signaling.close());
    },
  };
}
