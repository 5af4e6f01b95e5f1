/**
 * Reports a fault of the server itself. Prints only the message and the stack: an error of a socket also has the visitor's address as a
 * property, and the log must not name visitors.
 */
export function logFault(error: unknown): void {
  console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
