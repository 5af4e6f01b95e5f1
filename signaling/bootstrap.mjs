/** Prepares everything that the project needs to run. Plain JavaScript on Node's own modules, because no package may be installed yet. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectFolder = fileURLToPath(new URL('..', import.meta.url));

const MINIMUM_NODE = [20, 19];

const inProject = (path) => join(projectFolder, path);

const timeOf = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

/** Prints `message` and ends the program with status 1. */
export function giveUp(message) {
  console.error(message);
  process.exit(1);
}

/** Ends the program if Node is older than the minimum. */
export function ensureNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor >= MINIMUM_NODE[1])) return;
  giveUp(`Tabchain needs Node ${MINIMUM_NODE.join('.')} or newer; this is Node ${process.versions.node}. See https://nodejs.org.`);
}

/** Installs the packages of the lock file unless they are installed. */
export function ensureInstalled() {
  // npm writes this file last, so the file is missing or old after an interrupted installation.
  if (timeOf(inProject('node_modules/.package-lock.json')) >= timeOf(inProject('package-lock.json'))) return;
  console.log('Installing packages (npm ci)…');
  // Development packages are needed even under NODE_ENV=production, because the page is built here.
  if (!npm(['ci', '--include=dev', '--no-audit', '--no-fund']))
    giveUp('npm ci failed. Check that this machine is online, then run npm start again.');
}

/** Builds the page unless the built page is newer than all its sources. */
export function ensureBuilt() {
  const sources = ['src', 'public', 'signaling', 'vite.config.ts', 'tsconfig.json', 'package-lock.json'];
  if (isNewer('dist/index.html', sources)) return;
  console.log('Building the page (vite build)…');
  if (!build('dist')) giveUp('The page could not be built; see the error above.');
}

/** Bundles the server unless the bundle is newer than all its sources. */
export function ensureServerBuilt() {
  if (isNewer('dist-server/server.js', ['src', 'signaling', 'tsconfig.json', 'package-lock.json'])) return;
  if (!build('dist-server', ['--config', 'signaling/vite.config.ts'])) giveUp('The server could not be built; see the error above.');
}

function isNewer(built, sources) {
  return timeOf(inProject(built)) > Math.max(...sources.map((source) => newestTime(inProject(source))));
}

/** Runs a Vite build and removes the output of a failed build. @returns whether the build succeeded */
function build(folder, options = []) {
  const args = [inProject('node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn', ...options];
  // A test runner sets NODE_ENV to "test"; the page would then include code for developers, and a quarter more to load.
  if (run(process.execPath, args, { NODE_ENV: 'production' })) return true;
  rmSync(inProject(folder), { recursive: true, force: true });
  return false;
}

/** Runs a program in the project's folder and shows its output. @returns whether the program succeeded */
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
  // Under `npm start` this variable names npm's own script, which runs the same way on every system.
  const script = process.env.npm_execpath;
  if (script?.endsWith('.js')) return run(process.execPath, [script, ...args]);
  return run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args);
}

/** Latest time of a file, or of a folder and everything in it. A removed file changes only the time of its folder. */
function newestTime(path) {
  const own = timeOf(path);
  if (own === 0 || !statSync(path).isDirectory()) return own;
  return readdirSync(path).reduce((newest, name) => Math.max(newest, newestTime(join(path, name))), own);
}
