import importX, { createNodeResolver } from 'eslint-plugin-import-x';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** What each folder of src/ may import beside itself: the table of src/ARCHITECTURE.md. A file name allows that file alone. */
const MAY_IMPORT = {
  util: [],
  crypto: ['util'],
  protocol: ['util', 'crypto'],
  consensus: ['protocol', 'crypto', 'util'],
  storage: ['protocol', 'consensus', 'crypto', 'util'],
  chain: ['consensus', 'protocol', 'crypto', 'util', 'storage/port.ts'],
  mempool: ['consensus', 'protocol', 'crypto', 'util', 'storage/port.ts', 'chain'],
  net: ['protocol', 'crypto', 'chain/port.ts', 'util'],
  miner: ['protocol', 'consensus', 'crypto', 'chain/port.ts', 'util'],
  wallet: ['protocol', 'crypto', 'util'],
  api: ['wallet', 'net/transport.ts', 'protocol/memo.ts', 'protocol/room-key.ts', 'protocol/transactions/registration.ts', 'util'],
  node: ['util', 'crypto', 'protocol', 'consensus', 'storage', 'chain', 'mempool', 'net', 'miner', 'wallet', 'api'],
  webrtc: ['net/transport.ts', 'protocol', 'crypto', 'util'],
  page: ['api', 'webrtc', 'wallet', 'storage', 'net/transport.ts', 'net/backlog.ts', 'protocol', 'crypto', 'util'],
  ui: ['api', ...['error-codes', 'errors', 'notice', 'screen-lock', 'stored-record', 'typed-text'].map((name) => `util/${name}.ts`)],
};

/** Of these a folder may know the types only, and a `limits.ts`. `api/limits.ts` itself hands on values that other folders decide. */
const TYPES_ONLY = { storage: ['consensus'], mempool: ['chain'], api: ['wallet', 'net'], ui: ['api'] };

const zones = Object.entries(MAY_IMPORT).map(([folder, allowed]) => ({
  target: `./src/${folder}`,
  from: './src',
  except: [folder, ...allowed].map((path) => `./${path}`),
  message: `src/${folder} may import only: ${[folder, ...allowed].join(', ')} (src/ARCHITECTURE.md).`,
}));

zones.push(
  { target: './src', from: ['./signaling', './tests'], message: 'src/ stands alone.' },
  {
    target: './signaling',
    from: './src',
    except: ['./protocol/signaling.ts', './protocol/ice-servers.ts', './util'],
    message: 'signaling/ shares only the signaling messages, the form of ICE servers and util/ with src/.',
  },
);

const typesOnly = Object.entries(TYPES_ONLY).map(([folder, names]) => ({
  files: [`src/${folder}/**/*.{ts,svelte}`],
  ignores: ['src/api/limits.ts'],
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: names.map((name) => ({
          regex: `\\.\\./${name}/(?!limits\\.ts$)`,
          allowTypeImports: true,
          message: `Only the types of ${name}/.`,
        })),
      },
    ],
  },
}));

const NO_BARE_ERROR = {
  selector: ':matches(NewExpression, CallExpression)[callee.name=/^(Type|Range|Syntax|Reference)?Error$/]',
  message: 'Throw a TabchainError with a stable code.',
};

const NO_MODULE_STATE = {
  selector: ':matches(Program, Program > ExportNamedDeclaration) > VariableDeclaration[kind="let"]',
  message: 'No mutable state at module level: two nodes in one process must not meet in it.',
};

const NO_QUESTION_OF_KIND = {
  selector:
    'BinaryExpression[operator=/^[!=]==?$/]:matches([left.value=/^(transfer|registration)$/], [right.value=/^(transfer|registration)$/])',
  message: 'Enter the kinds in a table typed by kind, so that the compiler asks for the next one.',
};

const NO_CLOCK = { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: 'Take the Clock port.' };

/** Where the program meets the machine; everything else takes ports, so that a simulator can run it from a seed. */
const EDGES = ['src/main.ts', 'src/node/**', 'src/page/**', 'src/ui/**', 'src/webrtc/**', '**/*.worker.ts'];

const WEBRTC_GLOBALS = ['WebSocket', 'RTCPeerConnection', 'RTCDataChannel'];

const restrictedGlobals = (names, message) => names.map((name) => ({ name, message }));

export default defineConfig(
  globalIgnores(['dist', 'dist-server', 'coverage', 'test-results', 'node_modules']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  tseslint.configs.recommended,
  svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: tseslint.parser }, globals: globals.browser },
  },
  { files: ['**/*.{js,mjs}'], languageOptions: { globals: globals.node } },
  {
    files: ['**/*.{ts,svelte,js,mjs}'],
    plugins: { 'import-x': importX },
    settings: {
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js', '.mjs', '.svelte'] })],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
    },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'import-x/no-duplicates': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-var': 'error',
      'prefer-const': 'error',
      'no-console': 'off',
      'no-eval': 'error',
      'no-throw-literal': 'error',
    },
  },
  {
    files: ['{src,signaling,tests}/**/*.{ts,mjs}'],
    // Vite reads its configuration from there.
    ignores: ['signaling/vite.config.ts'],
    rules: { 'import-x/no-default-export': 'error' },
  },
  {
    files: ['src/**/*.ts', 'signaling/**/*.ts'],
    rules: {
      'no-restricted-syntax': ['error', NO_BARE_ERROR, NO_MODULE_STATE, NO_QUESTION_OF_KIND],
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': ['error', { max: 70 }],
    },
  },
  {
    files: ['src/**/*.svelte'],
    rules: { 'no-restricted-syntax': ['error', NO_BARE_ERROR], 'max-lines': ['error', { max: 400 }], 'prefer-const': 'off' },
  },
  {
    files: ['src/**/*.ts'],
    ignores: EDGES,
    rules: {
      'no-restricted-syntax': ['error', NO_BARE_ERROR, NO_MODULE_STATE, NO_QUESTION_OF_KIND, NO_CLOCK],
      'no-restricted-globals': [
        'error',
        ...restrictedGlobals(['setTimeout', 'setInterval', 'requestAnimationFrame'], 'Take the Timers port.'),
        ...restrictedGlobals(['performance'], 'Take the Clock port.'),
        ...restrictedGlobals(['crypto'], 'Take the Random port, or the SubtleCrypto as an argument.'),
        ...restrictedGlobals(WEBRTC_GLOBALS, 'Only src/webrtc touches WebRTC and WebSocket.'),
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Take the Clock port.' },
        { object: 'Math', property: 'random', message: 'Take the Random port.' },
        { object: 'globalThis', property: 'crypto', message: 'Take the Random port, or the SubtleCrypto as an argument.' },
      ],
    },
  },
  {
    files: ['src/{node,page,ui}/**/*.{ts,svelte}'],
    rules: {
      'no-restricted-globals': ['error', ...restrictedGlobals(WEBRTC_GLOBALS, 'Only src/webrtc touches WebRTC and WebSocket.')],
    },
  },
  {
    // A promise that nobody waits for hides its failure.
    files: ['src/**/*.ts', 'signaling/**/*.ts', 'tests/**/*.ts'],
    ignores: ['**/*.svelte.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  { files: ['**/*.d.ts'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  typesOnly,
);
