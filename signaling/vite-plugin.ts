import type { Plugin } from 'vite';
import { SignalingServer } from './signaling-server.ts';

/** Runs the signaling server on the port of Vite's development server, as `npm start` does for the built page. */
export function signalingPlugin(): Plugin {
  return {
    name: 'tabchain-signaling',
    apply: 'serve',
    configureServer({ httpServer }) {
      if (httpServer === null) return;
      const signaling = new SignalingServer();
      // Vite's own WebSocket for hot updates uses the same server.
      signaling.attach(httpServer, 'ignore');
      httpServer.on('close', () => signaling.close());
    },
  };
}
