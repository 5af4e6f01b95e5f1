/** What must be there before anything of the project can run. Plain JavaScript on Node's own modules, because nothing may be installed yet. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectFolder = fileURLToPath(new URL('..', import.meta.url));

const MINIMUM_NODE = [20, 19];

const inProject = (path) => join(projectFolder, path);

const timeOf = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

/** Says what is wrong and ends the program. */
export function giveUp(message) {
  console.error(message);
  process.exit(1);
}

export function ensureNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor >= MINIMUM_NODE[1])) return;
  giveUp(`Tabchain needs Node ${MINIMUM_NODE.join('.')} or newer; this is ${process.versions.node}. See https://nodejs.org.`);
}

/** Installs the packages of the lock file unless they are there already. */
export function ensureInstalled() {
  // npm writes this file last, so it is missing or old after an interrupted installation.
  if (timeOf(inProject('node_modules/.package-lock.json')) >= timeOf(inProject('package-lock.json'))) return;
  console.log('Installing packages (npm ci)…');
  // Also where NODE_ENV says production: the page is built here.
  if (!npm(['ci', '--include=dev', '--no-audit', '--no-fund'])) giveUp('npm ci failed: is this machine online? Run npm start again then.');
}

/** Builds the page unless it is newer than everything that it is built from. */
export function ensureBuilt() {
  const sources = ['src', 'public', 'signaling', 'vite.config.ts', 'tsconfig.json', 'package-lock.json'];
  if (isNewer('dist/index.html', sources)) return;
  console.log('Building the page (vite build)…');
  if (!build('dist')) giveUp('The page could not be built; the reason is above.');
}

/** Bundles the server unless the bundle is newer than everything that it is made of. */
export function ensureServerBuilt() {
  if (isNewer('dist-server/server.js', ['src', 'signaling', 'tsconfig.json', 'package-lock.json'])) return;
  if (!build('dist-server', ['--config', 'signaling/vite.config.ts'])) giveUp('The server could not be built; the reason is above.');
}

function isNewer(built, sources) {
  return timeOf(inProject(built)) > Math.max(...sources.map((source) => newestTime(inProject(source))));
}

/** Whether it succeeded; half of a build is removed. */
function build(folder, options = []) {
  const args = [inProject('node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn', ...options];
  // A test runner says "test" here, and the page would hold what helps its developers: a quarter more to load.
  if (run(process.execPath, args, { NODE_ENV: 'production' })) return true;
  rmSync(inProject(folder), { recursive: true, force: true });
  return false;
}

/** Runs a program of the project in its folder, showing its output; whether it succeeded. */
export function run(program, args, environment = {}) {
  const { status, error } = spawnSync(program, args, {
    cwd: projectFolder,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...environment },
  });
  if (error) console.error(error.message);
  return status === 0;
}

function npm(args) {
  // Under `npm start` this names npm's own script, which runs alike on every system.
  const script = process.env.npm_execpath;
  if (script?.endsWith('.js')) return run(process.execPath, [script, ...args]);
  return run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args);
}

/** Folders count too: a removed file changes only the time of its folder. */
function newestTime(path) {
  const own = timeOf(path);
  if (own === 0 || !statSync(path).isDirectory()) return own;
  return readdirSync(path).reduce((newest, name) => Math.max(newest, newestTime(join(path, name))), own);
}
