// Only parts of node-forge are loaded (32 kB gzip instead of 78), but its published types cover only the whole package.
declare module 'node-forge/lib/forge.js' {
  import forge = require('node-forge');
  export = forge;
}
declare module 'node-forge/lib/rsa.js' {
  const rsa: unknown;
  export = rsa;
}
