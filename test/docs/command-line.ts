// The commands of Ringfence, each loaded when it is asked for.
import type { Command } from 'commander';
import { readEnvironment } from '../../src/config/environment.ts';
import type { CommandName } from '../../src/invocation.ts';

const environment = readEnvironment({});

export const commands: Readonly<Record<CommandName, () => Promise<Command>>> = {
  check: async () =>
    (await import('../../src/commands/check.ts')).checkCommand(environment, '0', 'https://docs.example'),
  reach: async () => (await import('../../src/commands/reach.ts')).reachCommand(environment),
  assert: async () => (await import('../../src/commands/assert.ts')).assertCommand(environment),
  diff: async () => (await import('../../src/commands/diff.ts')).diffCommand(environment),
  doctor: async () => (await import('../../src/commands/doctor.ts')).doctorCommand(environment, '0'),
  audit: async () => (await import('../../src/commands/audit.ts')).auditCommand(environment, '0'),
  view: async () => (await import('../../src/commands/view.ts')).viewCommand(environment, '0'),
  readiness: async () => (await import('../../src/commands/readiness.ts')).readinessCommand(environment),
  replay: async () => (await import('../../src/commands/replay.ts')).replayCommand(environment),
  plan: async () => (await import('../../src/commands/plan.ts')).planCommand(environment),
  fence: async () => (await import('../../src/commands/fence.ts')).fenceCommand(environment),
  unfence: async () => (await import('../../src/commands/unfence.ts')).unfenceCommand(environment),
  baseline: async () => (await import('../../src/commands/baseline.ts')).baselineCommand(environment),
  serve: async () => (await import('../../src/commands/serve.ts')).serveCommand(environment, '0'),
  manifests: async () => (await import('../../src/commands/manifests.ts')).manifestsCommand(environment),
  uninstall: async () => (await import('../../src/commands/uninstall.ts')).uninstallCommand(environment),
  completion: async () => (await import('../../src/commands/completion.ts')).completionCommand(),
};
