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

export default defineConfig({
  test: {
    reporters: ['default', './test/support/closing-line.ts'],
    projects: [
      {
        ...shared,
        test: {
          name: 'behaviour',
          include: ['test/**/*.test.ts'],
          exclude: ['test/faults/**'],
          globalSetup: ['test/support/build.ts', 'test/support/cluster.ts'],
          setupFiles: ['test/support/setup.ts'],
          pool: 'forks',
          maxWorkers: 2,
          // One process runs many files, and loads the project once: that takes a third of the processor's time.
          isolate: false,
          testTimeout: 60_000,
          hookTimeout: 120_000,
          sequence: { shuffle: true, groupOrder: 0 },
        },
      },
      {
        ...shared,
        // After the others, and one after the other: they measure how long things take.
        test: {
          name: 'faults',
          include: ['test/faults/*.test.ts'],
          globalSetup: ['test/support/build.ts', 'test/faults/durable-cluster.ts'],
          setupFiles: ['test/support/setup.ts'],
          pool: 'forks',
          maxWorkers: 1,
          testTimeout: 900_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
