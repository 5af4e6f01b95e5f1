/** The package declares types for only a part of its files. */
declare module '@journeyapps/wa-sqlite/src/examples/IDBMirrorVFS.js' {
  export const IDBMirrorVFS: { create(name: string, module: unknown): Promise<object> };
}
