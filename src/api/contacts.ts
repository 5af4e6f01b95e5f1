/** A contact of this device; a part of `api.ts`. */
export type { Contact } from '../wallet/contacts.ts';
