/** The package describes only a part of itself. */
declare module '@journeyapps/wa-sqlite/src/examples/IDBMirrorVFS.js' {
  export const IDBMirrorVFS: { create(name: string, module: unknown): Promise<object> };
}
