import { defineConfig, type OxlintOverride } from 'oxlint';

/** From the ground up: a lib imports those before it and never one after it. */
const LIBS = [
  'problem',
  'text',
  'config',
  'secrets',
  'metrics',
  'fairness',
  'batching',
  'events',
  'database',
  'change-log',
  'embedded-postgres',
  'process',
  'audit',
  'identity',
  'access',
  'outbox',
  'preferences',
  'blocking',
  'messaging',
  'notifications',
  'outbound',
  'email',
  'web-push',
  'webhooks',
  'delivery',
  'realtime',
  'stats',
  'background',
];

/** Folders of a lib, in the same order. A lib that is not named here is flat. */
const FOLDERS: Record<string, string[]> = {
  messaging: ['policy', 'participants', 'messages', 'threads', 'read-marks', 'send', 'blocks', 'oversight'],
  background: ['relay', 'erasure'],
};

/** Libs that open connections of their own. */
const OWN_CONNECTIONS = ['database', 'embedded-postgres'];

const TRANSACTIONS_ONLY = 'Data is reached through tenantTransaction of #database only.';

const dataSources = [
  { name: 'pg', message: TRANSACTIONS_ONLY },
  {
    name: '@nestjs/typeorm',
    importNames: ['InjectRepository', 'InjectDataSource', 'InjectEntityManager'],
    message: TRANSACTIONS_ONLY,
  },
  {
    name: 'typeorm',
    importNames: ['DataSource', 'EntityManager', 'Repository', 'QueryRunner'],
    message: TRANSACTIONS_ONLY,
  },
];

const outsideItself = {
  regex: String.raw`^\.\./`,
  message: 'Other libs are entered by #name only.',
};
const outsideItsLib = {
  regex: String.raw`^\.\./\.\./`,
  message: 'Other libs are entered by #name only.',
};
const intoApps = { regex: '(^|/)apps/', message: 'libs know nothing of apps.' };
const intoOtherApps = {
  regex: String.raw`^(\.\./)+(api|worker|cli)/`,
  message: 'Apps do not import each other: what they share is a lib.',
};
const intoClient = {
  regex: '^@tidings/client(/|$)',
  message: 'Only apps/inbox shows what the client receives.',
};
const intoServer = {
  regex: '^#|(^|/)(libs|apps|migrations)/',
  message: 'The client is published: it imports nothing of the server.',
};
const intoReact = {
  regex: String.raw`^(react|@tanstack)(/|$)|(^|/)react/`,
  message: 'The client needs no framework: only src/react imports React.',
};
const intoNode = { regex: '^node:', message: 'The client runs in browsers too.' };
const intoLibs = { regex: '(^|/)libs/', message: 'Libs are entered by #name only.' };

const forbidden = (names: string[], prefix: string, lib: string) =>
  names.length > 0
    ? [
        {
          regex: `^${prefix}(${names.join('|')})(/|$)`,
          message: `${lib} stands below: it must not know them.`,
        },
      ]
    : [];

const rule = (files: string, lib: string, patterns: object[]): OxlintOverride => ({
  files: [files],
  rules: {
    'no-restricted-imports': ['error', { paths: OWN_CONNECTIONS.includes(lib) ? [] : dataSources, patterns }],
  },
});

const libRules = LIBS.flatMap((lib, position): OxlintOverride[] => {
  const above = forbidden(LIBS.slice(position + 1), '#', lib);
  const folders = FOLDERS[lib] ?? [];
  return [
    rule(`libs/${lib}/**`, lib, [outsideItself, intoApps, intoClient, ...above]),
    ...folders.map((folder, at) =>
      rule(`libs/${lib}/${folder}/**`, lib, [
        outsideItsLib,
        intoApps,
        intoClient,
        ...above,
        ...forbidden(folders.slice(at + 1), String.raw`\.\./`, folder),
      ]),
    ),
  ];
});

export default defineConfig({
  plugins: ['typescript', 'import', 'promise', 'unicorn', 'oxc'],
  options: { typeAware: true },
  categories: { correctness: 'error', suspicious: 'error' },
  rules: {
    'import/no-cycle': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/await-thenable': 'error',
    'typescript/switch-exhaustiveness-check': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/only-throw-error': 'error',
    'no-console': 'error',
    eqeqeq: 'error',
    // Nest's modules are classes without members, and rows are plain objects with the type of their entity.
    'typescript/no-extraneous-class': 'off',
    'typescript/no-misused-spread': 'off',
    'import/no-unassigned-import': ['error', { allow: ['reflect-metadata'] }],
    'unicorn/prefer-add-event-listener': 'off',
    // Rows, headers and caught errors arrive untyped: an assertion says what they are known to be.
    'typescript/no-unsafe-type-assertion': 'off',
  },
  overrides: [
    ...libRules,
    {
      files: ['apps/**'],
      rules: {
        'no-restricted-imports': [
          'error',
          { paths: dataSources, patterns: [intoLibs, intoOtherApps, intoClient] },
        ],
      },
    },
    {
      files: ['apps/inbox/**'],
      rules: {
        'no-restricted-imports': ['error', { paths: dataSources, patterns: [intoLibs, intoOtherApps] }],
      },
    },
    {
      files: ['packages/client/src/**'],
      rules: { 'no-restricted-imports': ['error', { patterns: [intoServer, intoNode, intoReact] }] },
    },
    {
      files: ['packages/client/src/react/**'],
      rules: { 'no-restricted-imports': ['error', { patterns: [intoServer, intoNode] }] },
    },
    {
      files: ['migrations/**'],
      rules: {
        'no-restricted-imports': [
          'error',
          { patterns: [{ regex: '^#', message: 'A migration stays as it is while the libs change.' }] },
        ],
      },
    },
    // A test says itself what it expects of an answer.
    {
      files: ['test/**', 'packages/*/test/**'],
      rules: { 'typescript/no-explicit-any': 'off', 'unicorn/consistent-function-scoping': 'off' },
    },
    // Programs speak to whoever runs them.
    {
      files: [
        'apps/*/main.ts',
        'apps/cli/**',
        'libs/process/start.ts',
        'test/support/**',
        'test/bench/**',
        'examples/**',
        'test/faults/figures.ts',
      ],
      rules: { 'no-console': 'off' },
    },
  ],
  ignorePatterns: ['dist', 'node_modules', '.tidings', '*.gen.ts'],
});
