/**
 * Version of the protocol between tabs. Two tabs keep a link only if their versions are equal, so a change that they must make together
 * raises this number. PROTOCOL.md §11 lists what no version may change.
 */
export const PROTOCOL_VERSION = 2;
