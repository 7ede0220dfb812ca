import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// What Node compiles of the dependencies is kept for the processes that come after: hundreds of them load the same.
process.env['NODE_COMPILE_CACHE'] ??= fileURLToPath(new URL('node_modules/.cache/node', import.meta.url));

const conditions = ['source', 'node'];

const shared = {
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  // Where vitest loads its globalSetup.
  environments: { __vitest__: { resolve: { conditions } } },
};

/** Tests of logic that needs no database and no built server: npm run test:unit. The other projects leave them out. */
const unit = [
  'test/access/deny-by-default.test.ts',
  'test/architecture/old-names.test.ts',
  'test/architecture/send-path.test.ts',
  'test/architecture/sql-placement.test.ts',
  'test/architecture/table-ownership.test.ts',
  'test/bench/command.test.ts',
  'test/delivery/retries.test.ts',
  'test/fairness/*.test.ts',
  'test/messaging/contact-policy.test.ts',
  'test/preferences/quiet-hours.test.ts',
  'test/preferences/resolution.test.ts',
  'test/realtime/change-notice.test.ts',
  'test/realtime/organization-feed.test.ts',
  'test/realtime/organization-leases.test.ts',
  'test/start/configuration.test.ts',
];

/** Faults whose tests have no sharp time limits. */
const UNTIMED_FAULTS = [
  'announcements',
  'block-races',
  'fuzz',
  'killed-processes',
  'lost-connections',
  'silent-proxy',
  'skewed-clock',
]
  .map((name) => `test/faults/${name}.test.ts`)
  .concat('test/client/tabs-model.test.ts');

/** Besides those in test/faults. */
const TIMED_IN_BROWSER = 'test/client/latency.test.ts';

/** Whose short form shows nothing that the others do not: npm run test:faults. */
const ONLY_IN_FULL = process.env['FAULTS'] === 'full' ? [] : ['test/faults/reconnect-storm.test.ts'];

interface FaultsProject {
  include?: string[];
  exclude?: string[];
  maxWorkers: number;
  groupOrder: number;
}

const faults = (
  name: string,
  {
    include = ['test/faults/*.test.ts', TIMED_IN_BROWSER],
    exclude = [],
    maxWorkers,
    groupOrder,
  }: FaultsProject,
) => ({
  ...shared,
  test: {
    name,
    include,
    exclude,
    globalSetup: ['test/support/build.ts', 'test/faults/durable-cluster.ts'],
    setupFiles: ['test/support/setup.ts'],
    pool: 'forks' as const,
    maxWorkers,
    testTimeout: 900_000,
    hookTimeout: 60_000,
    sequence: { groupOrder },
  },
});

export default defineConfig({
  test: {
    reporters: ['default', './test/support/closing-line.ts'],
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          include: unit,
          // The files share their imports, which take longer than the tests.
          isolate: false,
          testTimeout: 60_000,
          setupFiles: ['test/support/setup.ts'],
          pool: 'forks',
          maxWorkers: 4,
          sequence: { shuffle: true, groupOrder: 0 },
        },
      },
      {
        ...shared,
        test: {
          name: 'client',
          include: ['packages/client/test/**/*.test.ts'],
          isolate: false,
          testTimeout: 60_000,
          pool: 'forks',
          maxWorkers: 4,
          sequence: { shuffle: true, groupOrder: 0 },
        },
      },
      {
        ...shared,
        test: {
          name: 'behaviour',
          include: ['test/**/*.test.ts'],
          exclude: ['test/faults/**', 'test/client/tabs-model.test.ts', TIMED_IN_BROWSER, ...unit],
          globalSetup: ['test/support/build.ts', 'test/support/cluster.ts'],
          setupFiles: ['test/support/setup.ts'],
          pool: 'forks',
          maxWorkers: 4,
          // One process runs many files, and loads the project once: that takes a third of the processor's time.
          isolate: false,
          // For test/start: a server takes more than a minute to start on a machine that is busy with others, and a test
          // starts up to two, one after the other. These tests wait for what a process prints or does, never for a fixed
          // time, so a long limit costs time only if something hangs. With a worker of their own instead, one at a time,
          // the suite would take 8 minutes more.
          testTimeout: 300_000,
          hookTimeout: 120_000,
          // What comes in time ends the wait, so only what never comes takes this long.
          expect: { poll: { timeout: 15_000 } },
          sequence: { shuffle: true, groupOrder: 0 },
        },
      },
      // After the others: they measure how long things take. Those with sharp limits have the machine to themselves.
      faults('faults', { include: UNTIMED_FAULTS, maxWorkers: 2, groupOrder: 1 }),
      faults('faults-timed', { exclude: [...UNTIMED_FAULTS, ...ONLY_IN_FULL], maxWorkers: 1, groupOrder: 2 }),
    ],
  },
});
