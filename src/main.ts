import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { readEnvironment } from './config/environment.ts';
import { FileError } from './documents/problem.ts';

const environment = readEnvironment();

// A pager or `head` may close standard output early. That is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 2));

/** The commands under the headings of the help, in its order. Each loads only what it needs. */
const groups: Readonly<Record<string, Readonly<Record<string, () => Promise<Command>>>>> = {
  'Look at manifests or a cluster:': {
    check: async () => (await import('./commands/check.ts')).checkCommand(environment, version()),
    reach: async () => (await import('./commands/reach.ts')).reachCommand(environment),
    assert: async () => (await import('./commands/assert.ts')).assertCommand(environment),
    diff: async () => (await import('./commands/diff.ts')).diffCommand(environment),
    doctor: async () => (await import('./commands/doctor.ts')).doctorCommand(environment, version()),
    audit: async () => (await import('./commands/audit.ts')).auditCommand(environment, version()),
  },
  'Before you fence or enforce:': {
    readiness: async () => (await import('./commands/readiness.ts')).readinessCommand(environment),
    replay: async () => (await import('./commands/replay.ts')).replayCommand(environment),
    plan: async () => (await import('./commands/plan.ts')).planCommand(environment),
  },
  'Fence:': {
    fence: async () => (await import('./commands/fence.ts')).fenceCommand(environment),
    unfence: async () => (await import('./commands/unfence.ts')).unfenceCommand(environment),
    baseline: async () => (await import('./commands/baseline.ts')).baselineCommand(environment),
  },
  'Run and remove Ringfence:': {
    serve: async () => (await import('./commands/serve.ts')).serveCommand(environment, version()),
    manifests: async () => (await import('./commands/manifests.ts')).manifestsCommand(environment),
    uninstall: async () => (await import('./commands/uninstall.ts')).uninstallCommand(environment),
  },
};

const program = new Command('ringfence')
  .description('Label-governed network isolation for Kubernetes: an admission webhook and its tools.')
  .version(version())
  .commandsGroup('Help:')
  .helpCommand('help [command]', 'display help for command')
  // Otherwise commander ends the process with 1, which means findings.
  .exitOverride();
for (const { heading, load } of neededCommands(process.argv[2])) {
  // Commands that are created separately do not inherit this setting.
  program.addCommand((await load()).exitOverride().helpGroup(heading));
}

/** Exit codes: 0 clean, 1 findings, 2 could not run. */
try {
  await program.parseAsync();
} catch (error) {
  // Commander has already printed its errors. A request for help is not an error.
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
  const text = error instanceof Error ? error.message : String(error);
  // The message of a FileError has one line for each problem, which begins with its place.
  console.error(error instanceof FileError ? text : `ringfence: ${text}`);
  process.exit(2);
}

/**
 * Returns the command that the first argument names. Any other first argument needs all commands,
 * because help and error messages list them.
 */
function neededCommands(
  first: string | undefined,
): readonly { readonly heading: string; readonly load: () => Promise<Command> }[] {
  if (first === '--version' || first === '-V') return [];
  const all = Object.entries(groups).flatMap(([heading, commands]) =>
    Object.entries(commands).map(([name, load]) => ({ heading, name, load })),
  );
  const named = all.filter(({ name }) => name === first);
  return named.length === 0 ? all : named;
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
