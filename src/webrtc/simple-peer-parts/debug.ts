/** simple-peer's own log is off: links write to the log of the page (util/log.ts). */
const debug = (): (() => void) => () => undefined;

// simple-peer takes the package `debug` by `require`, and the package is one function.
export { debug as 'module.exports' };
