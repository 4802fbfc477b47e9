import { existsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** Each takes seconds of processor time, or waits in real time: `npm run test:fast` leaves them out. */
const slow = [
  'test/cluster/reflector-faults.test.ts',
  'test/commands/completion.test.ts',
  'test/browser/newer.test.ts',
  'test/browser/view.test.ts',
  'test/docs/run.test.ts',
  'test/fuzz/fuzz.test.ts',
  'test/history/parity.test.ts',
  'test/main.test.ts',
  'test/package/package.test.ts',
  'test/pipelines/pipelines.test.ts',
  'test/pipelines/schemas.test.ts',
  'test/process/serve.test.ts',
  'test/report/junit-schema.test.ts',
  'test/scripts/build.test.ts',
  'test/secrets.test.ts',
  'test/server/pressure.test.ts',
  'test/server/slowness.test.ts',
  'test/simulation/simulation.test.ts',
];
/** For a hang, not for slowness: a loaded machine takes twenty times as long. */
const limits = { testTimeout: 120_000, hookTimeout: 120_000, expect: { poll: { timeout: 60_000 } } };
const controlPlane = {
  exclude: ['**/*.unit.test.ts'],
  globalSetup: ['test/control-plane/global-setup.ts'],
  // A worker keeps its control plane from file to file: see test/control-plane/vitest.ts.
  isolate: false,
  ...limits,
};
/** Without a number, two processors mean one worker. */
const maxWorkers = 2;
for (const file of slow) if (!existsSync(file)) throw new Error(`vitest.config.ts names ${file}, which is gone`);
/** These run tools that Go builds once: `npm run test:fast` leaves them out. */
const withTools = ['test/manifests/helm*.test.ts', 'test/go-tools/*.test.ts', 'test/promtool/*.test.ts'];
const ownSetUp = [...withTools, 'test/e2e/**', 'test/drills/**', 'test/control-plane/control-plane.test.ts'];

export default defineConfig({
  test: {
    // .ci/run counts from the report.
    reporters: ['default', ['json', { outputFile: '.test-report/vitest.json' }]],
    projects: [
      {
        test: {
          name: 'unit',
          maxWorkers,
          include: ['test/**/*.test.ts'],
          exclude: [...ownSetUp, ...slow],
          // 190 files share a worker's modules: loading them anew for each takes twice the time of the tests.
          isolate: false,
          ...limits,
        },
      },
      {
        test: {
          name: 'slow',
          maxWorkers,
          include: slow,
          ...limits,
        },
      },
      {
        test: {
          name: 'tools',
          maxWorkers,
          include: withTools,
          ...limits,
        },
      },
      {
        test: {
          ...controlPlane,
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts', 'test/control-plane/*.test.ts'],
          // Four control planes (about 700 MB each): a test waits for more than half of its time, and
          // two cores are few.
          maxWorkers: 4,
          // After the others, which use all processors.
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...controlPlane,
          name: 'drills',
          include: ['test/drills/*.test.ts'],
          // Certificates of seconds and writes at fixed times need a machine that is not busy.
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
