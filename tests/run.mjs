/**
 * `npm test`: from a fresh clone to a verdict. `--fast` omits the simulated networks and the browser journeys; other arguments select test
 * files.
 * The last line is always "Tests: N passed, N failed".
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { ensureBuilt, ensureInstalled, ensureNode, giveUp, projectFolder, run } from '../signaling/bootstrap.mjs';

/** Programs that the browser journeys drive, with their Debian packages. Without those of the second list, some tests are skipped. */
const REQUIRED = [
  { package: 'chromium', path: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium' },
  { package: 'sqlite3', path: '/usr/bin/sqlite3' },
  { package: 'openssl', path: '/usr/bin/openssl' },
  { package: 'fonts-noto-cjk', path: '/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc' },
];
const WELCOME = [
  { package: 'firefox-esr', path: process.env.FIREFOX_PATH ?? '/usr/bin/firefox-esr' },
  { package: 'python3', path: process.env.PYTHON_PATH ?? '/usr/bin/python3' },
  { package: 'webkit2gtk-driver', path: process.env.WEBKIT_PATH ?? '/usr/bin/WebKitWebDriver' },
  { package: 'xvfb', path: process.env.XVFB_PATH ?? '/usr/bin/Xvfb' },
  { package: 'redis-server', path: process.env.REDIS_PATH ?? '/usr/bin/redis-server' },
];

/** Failures are repeated at the end, because a truncated log keeps its end. */
const STORY_LINES = 12;
const STORY_COLUMNS = 240;

const isMissing = ({ path }) => !existsSync(path);

function ensurePrograms() {
  const missing = [...REQUIRED, ...WELCOME].filter(isMissing).map((entry) => entry.package);
  if (missing.length === 0) return;
  const canInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  if (canInstall) {
    console.log(`Installing ${missing.join(', ')} (apt-get)…`);
    const environment = { DEBIAN_FRONTEND: 'noninteractive' };
    run('apt-get', ['update', '-q=2'], environment);
    // One by one, so that an unknown package does not prevent the others.
    for (const name of missing) run('apt-get', ['install', '-q=2', '-y', '--no-install-recommends', name], environment);
  }
  const lacking = REQUIRED.filter(isMissing);
  if (lacking.length === 0) return;
  const names = lacking.map((entry) => entry.package).join(' ');
  giveUp(
    `The browser tests need ${lacking.map(({ path }) => path).join(', ')}.\n` +
      `On Debian: sudo apt-get install ${names} — or run the other tests alone: npm test -- --fast`,
  );
}

/** Runs one project of vitest.config.ts. @returns the results in its report */
function runProject(project, filters) {
  const report = join(projectFolder, 'test-results', `${project}.json`);
  rmSync(report, { force: true });
  const options = ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  if (filters.length > 0) options.push('--passWithNoTests');
  const { status } = spawnSync(process.execPath, [join(projectFolder, 'node_modules/vitest/vitest.mjs'), ...options, ...filters], {
    cwd: projectFolder,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return summarise(report, status === 0);
}

function summarise(report, succeeded) {
  if (!existsSync(report)) return { passed: 0, failed: succeeded ? 0 : 1, skipped: 0, stories: [] };
  const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
  // A file that cannot be loaded has no tests that could fail.
  const brokenFiles = testResults.filter(({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0).length;
  const failed = numFailedTests + brokenFiles;
  // Errors outside any test (such as an unhandled rejection) fail the run as well.
  const stories = testResults.flatMap(failureStories);
  return { passed: numPassedTests, failed: succeeded ? failed : Math.max(1, failed), skipped: numPendingTests, stories };
}

/** Each failure of a file, with its name and the start of its message. */
function failureStories({ name, message, status, assertionResults }) {
  const file = relative(projectFolder, name);
  const failed = assertionResults.filter((assertion) => assertion.status === 'failed');
  if (status === 'failed' && failed.length === 0) return [`${file}\n${shorten(message)}`];
  return failed.map(({ fullName, failureMessages }) => `${file} > ${fullName}\n${shorten(failureMessages.join('\n'))}`);
}

function shorten(message) {
  const lines = stripVTControlCharacters(message).split('\n').slice(0, STORY_LINES);
  return lines.map((line) => `    ${line.slice(0, STORY_COLUMNS)}`).join('\n');
}

const args = process.argv.slice(2);
const fast = args.includes('--fast');
const filters = args.filter((argument) => argument !== '--fast');

// Also if no test ran, because a program is missing or the page cannot be built.
let verdict = 'Tests: 0 passed, 1 failed';
process.on('exit', () => console.log(verdict));

ensureNode();
ensureInstalled();
if (!fast) {
  ensurePrograms();
  ensureBuilt();
}
mkdirSync(join(projectFolder, 'test-results'), { recursive: true });

const results = (fast ? ['unit'] : ['unit', 'sim', 'browser']).map((project) => runProject(project, filters));
const total = (field) => results.reduce((sum, result) => sum + result[field], 0);
const ok = total('failed') === 0 && total('passed') > 0;
if (total('skipped') > 0) console.log(`\n${total('skipped')} tests were left out on this machine.`);
for (const { package: name, path } of WELCOME.filter(isMissing)) console.log(`Without ${name} (${path}), its tests were left out.`);
for (const story of results.flatMap((result) => result.stories)) console.log(`\nFailed: ${story}`);
console.log(`\n${ok ? 'All tests passed.' : 'There are failures; they are above.'}`);
verdict = `Tests: ${total('passed')} passed, ${total('failed')} failed`;
process.exitCode = ok ? 0 : 1;
