import type { TabchainApi } from './api/api.ts';

declare global {
  interface Window {
    /** The console API of this page's node. */
    readonly tabchain: TabchainApi;
  }
}
