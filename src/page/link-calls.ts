import type { TabchainApi } from '../api/api.ts';
import { argumentInvalid } from '../api/arguments.ts';
import type { HandMeeting, NodeThread } from './node-thread.ts';

export type LinkMethod =
  | 'disconnect'
  | 'connect'
  | 'neighbourhood'
  | 'servers'
  | 'addServer'
  | 'removeServer'
  | 'joinTeam'
  | 'team'
  | 'invite'
  | 'acceptInvitation'
  | 'acceptReply';

/** The calls of the API about links. @param opened the thread, once its node is open */
export function linkCalls(opened: () => Promise<NodeThread>): Pick<TabchainApi, LinkMethod> {
  const meeting = async (): Promise<HandMeeting> => (await opened()).meeting();
  return {
    disconnect: async () => (await opened()).setOffline(true),
    connect: async () => (await opened()).setOffline(false),
    joinTeam: async (name) => (await opened()).joinTeam(text(name, 'name')),
    team: async () => (await opened()).team(),
    neighbourhood: async () => (await opened()).neighbourhood(),
    servers: async () => (await opened()).servers(),
    addServer: async (address) => (await opened()).changeServers((settings) => settings.add(address)),
    removeServer: async (address) => (await opened()).changeServers((settings) => settings.remove(address)),
    invite: async () => (await meeting()).byHand.invite(),
    acceptInvitation: async (invitation) => (await meeting()).byHand.acceptInvitation(text(invitation, 'invitation')),
    acceptReply: async (reply) => (await meeting()).replies.accept(text(reply, 'reply')),
  };
}

/** The argument of a console may be anything. Its length is checked where the text is read. */
function text(value: unknown, field: string): string {
  if (typeof value !== 'string') throw argumentInvalid(field, 'a text');
  return value;
}
