/**
 * Reports a fault of the server itself. The code and the place alone: an error of a socket carries its address as a property, and addresses
 * of visitors are nobody's business.
 */
export function logFault(error: unknown): void {
  console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
