import type { TabchainApi } from '../api/api.ts';
import { argumentInvalid } from '../api/arguments.ts';
import type { NodeService } from '../api/service.ts';
import { DatabaseCopier } from './database-copier.ts';
import { FileConsole } from './file-console.ts';
import { FILE_DATABASE, ownDatabase, QueryConsole } from './query-console.ts';
import { scriptBlocked } from './worker-failure.ts';

export type DatabaseMethod = 'schema' | 'query' | 'queryFile' | 'exportDatabase' | 'exportFile' | 'checkFile' | 'compareFile' | 'takeFile';

/** The calls of the API about SQL and files. @param opened the node, once it is open */
export function databaseCalls(service: NodeService, opened: () => Promise<NodeService>): Pick<TabchainApi, DatabaseMethod> {
  const copier = new DatabaseCopier(service);
  const own = new QueryConsole(ownDatabase(copier));
  const foreign = new QueryConsole(FILE_DATABASE);
  const files = new FileConsole(service);
  const exportFile = async (): Promise<Blob> => {
    await opened();
    return copier.toFile();
  };
  return {
    async schema() {
      // Only the page of the database needs the explanations.
      const { ownRelations } = await import('../storage/sql/describe-schema.ts').catch(() => {
        throw scriptBlocked('query');
      });
      return ownRelations();
    },
    async query(sql, params) {
      const { revision } = await (await opened()).status();
      return own.run(sql, params, revision);
    },
    async queryFile(file, sql, params) {
      if (!(file instanceof Blob)) throw argumentInvalid('file', 'a File or Blob');
      return foreign.run(sql, params, file);
    },
    exportFile,
    exportDatabase: async () => new Uint8Array(await (await exportFile()).arrayBuffer()),
    checkFile: async (...given) => (await opened(), files.check(...given)),
    compareFile: async (...given) => (await opened(), files.compare(...given)),
    takeFile: async (...given) => (await opened(), files.take(...given)),
  };
}
