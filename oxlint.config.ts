import { defineConfig, type OxlintOverride } from 'oxlint';

/** The house, from the ground up: a lib imports those before it and never one after it. */
const LIBS = [
  'problem',
  'config',
  'secrets',
  'metrics',
  'fairness',
  'events',
  'database',
  'audit',
  'identity',
  'access',
  'preferences',
  'blocking',
  'messaging',
  'notifications',
  'delivery',
  'realtime',
  'stats',
];

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
  message: 'A lib is flat, and others are entered by #name only.',
};
const intoApps = { regex: '(^|/)apps/', message: 'libs know nothing of apps.' };
const intoLibs = { regex: '(^|/)libs/', message: 'Libs are entered by #name only.' };

const libRules = LIBS.map((lib, position): OxlintOverride => {
  const above = LIBS.slice(position + 1);
  return {
    files: [`libs/${lib}/**`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: lib === 'database' ? [] : dataSources,
          patterns: [
            outsideItself,
            intoApps,
            ...(above.length > 0
              ? [{ regex: `^#(${above.join('|')})$`, message: `${lib} stands below: it must not know them.` }]
              : []),
          ],
        },
      ],
    },
  };
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
      rules: { 'no-restricted-imports': ['error', { paths: dataSources, patterns: [intoLibs] }] },
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
      files: ['test/**'],
      rules: { 'typescript/no-explicit-any': 'off', 'unicorn/consistent-function-scoping': 'off' },
    },
    // Programs speak to whoever runs them.
    {
      files: [
        'apps/*/main.ts',
        'apps/api/start.ts',
        'apps/api/commands/**',
        'test/support/**',
        'test/bench/**',
        'examples/**',
        'test/faults/figures.ts',
      ],
      rules: { 'no-console': 'off' },
    },
  ],
  ignorePatterns: ['dist', 'node_modules', '.tidings'],
});
