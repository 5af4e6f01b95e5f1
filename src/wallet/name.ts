import { NAME_PATTERN } from '../protocol/transactions/registration.ts';
import { TabchainError } from '../util/errors.ts';

/**
 * Checks a user name as the rules do.
 * @throws TabchainError `name-invalid`
 */
export function assertName(name: unknown): asserts name is string {
  // Check the type first, because the pattern would accept null and undefined as the texts "null" and "undefined".
  if (typeof name === 'string' && NAME_PATTERN.test(name)) return;
  throw new TabchainError('name-invalid', 'A user name has 2 to 20 characters: small letters, digits and _, a letter first.');
}
