import type { DrillMutation } from './mutation.ts';

const drainFile = 'src/process/drain.ts';
const drain = '  await delay(options.drainSeconds * 1000);\n';

export const stoppingMutations: readonly DrillMutation[] = [
  {
    name: 'the listener is closed at SIGTERM, and not when the balancer knows',
    edits: [{ file: drainFile, from: drain, to: '' }],
    file: 'stopping.test.ts',
    only: 'told to stop',
  },
  {
    name: 'the process ends at SIGTERM at once',
    edits: [{ file: drainFile, from: drain, to: '  process.exit(0);\n' }],
    file: 'stopping.test.ts',
    only: 'told to stop',
  },
  {
    name: 'reviews are answered by 503 while it drains',
    edits: [
      {
        file: 'src/server/reviews.ts',
        from: '          const barred = clients.barred(request.raw.socket);',
        to: "          if (ports.isDraining()) return reply.code(503).send('closing');\n          const barred = clients.barred(request.raw.socket);",
      },
    ],
    file: 'stopping.test.ts',
    only: 'told to stop',
  },
  {
    name: 'it stays ready while it drains',
    edits: [{ file: drainFile, from: "  waiting.add('draining');\n", to: '' }],
    file: 'stopping.test.ts',
    only: 'rolling',
  },
  {
    name: 'it is ready before it listens',
    edits: [
      {
        file: 'src/process/observation.ts',
        from: "new Set<Part>(['cluster', 'configuration', 'certificate', 'informers', 'listener'])",
        to: "new Set<Part>(['cluster'])",
      },
    ],
    file: 'stopping.test.ts',
    only: 'rolling',
  },
  {
    name: 'the gate is dropped: a wall that is missing is not made',
    edits: [{ file: 'src/baseline/gate.ts', from: 'if (ensure && !dryRun) return settle(name);', to: '' }],
    file: 'stopping.test.ts',
    only: 'killed',
  },
  {
    name: 'a start without an API server is a failure',
    edits: [
      {
        file: 'src/process/patience.ts',
        from: 'longestMs: 5_000,',
        to: 'longestMs: 5_000,\n      attempts: 1,',
      },
    ],
    file: 'starting.test.ts',
    only: 'at the start',
  },
  {
    name: 'an informer whose watch has failed gives up',
    edits: [
      {
        file: 'src/cluster/reflector.ts',
        from: 'longestMs: pauseMs.longest,',
        to: 'longestMs: pauseMs.longest,\n        attempts: 2,',
      },
    ],
    file: 'starting.test.ts',
    only: 'for a while',
  },
  {
    name: 'a log that cannot be written ends the process',
    edits: [
      { file: 'src/telemetry/output.ts', from: '    } catch {\n', to: '    } catch (error) {\n      throw error;\n' },
    ],
    file: 'exhaustion.test.ts',
    only: 'log',
  },
];
