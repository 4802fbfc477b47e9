import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // .ci/run counts from the report.
    reporters: ['default', ['json', { outputFile: '.test-report/vitest.json' }]],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/e2e/**', 'test/drills/**', 'test/control-plane/control-plane.test.ts', 'test/promtool/**'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'promtool',
          include: ['test/promtool/*.test.ts'],
          // Each starts a process, beside all the others on two cores: a time for a hang, not for slowness.
          testTimeout: 60_000,
          globalSetup: ['test/promtool/global-setup.ts'],
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts', 'test/drills/*.test.ts', 'test/control-plane/*.test.ts'],
          exclude: ['**/*.unit.test.ts'],
          globalSetup: ['test/control-plane/global-setup.ts'],
          // Each file has a control plane of its own (about 500 MB), on two cores: one at a time.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
