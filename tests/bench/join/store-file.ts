/** A script for a page of the product's origin: stores a chain's database as the database of the account in this browser. */
import { browserTimers } from '../../../src/page/browser-timers.ts';
import { listDatabases } from '../../../src/storage/disk/bounded-indexeddb.ts';
import { IndexedDbMedium } from '../../../src/storage/disk/medium-indexeddb.ts';
import { PageDisk } from '../../../src/storage/disk/page-disk.ts';
import { PageFile } from '../../../src/storage/disk/page-file.ts';

/** The function that this script adds to the page. */
export interface StoreFileWindow {
  /** Stores the file that is chosen in the page's input. @param end newest block of the chain */
  storeFile(end: { readonly height: number; readonly tip: string }): Promise<void>;
}

const PREFIX = 'tabchain:';

async function storeFile({ height, tip }: { height: number; tip: string }): Promise<void> {
  const [name, ...others] = (await listDatabases(indexedDB, browserTimers)).filter((each) => each.startsWith(PREFIX));
  if (name === undefined || others.length > 0) throw new Error('This browser has not exactly one account.');
  const file = document.querySelector('input')!.files![0]!;
  const pages = PageFile.from(new Uint8Array(await file.arrayBuffer()));
  const disk = await PageDisk.open(new IndexedDbMedium(indexedDB, name, browserTimers), 'bench');
  await disk.save(() => ({ pages, height, tip }));
  disk.close();
}

(window as unknown as StoreFileWindow).storeFile = storeFile;
