import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { readEnvironment } from './config/environment.ts';
import { FileError } from './documents/problem.ts';

const environment = readEnvironment();

// A pager or `head` may close standard output early. That is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 2));

/** The commands, in the order of the help. Each loads only what it needs. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import('./commands/serve.ts')).serveCommand(environment, version()),
  check: async () => (await import('./commands/check.ts')).checkCommand(environment, version()),
  reach: async () => (await import('./commands/reach.ts')).reachCommand(environment),
  assert: async () => (await import('./commands/assert.ts')).assertCommand(environment),
  diff: async () => (await import('./commands/diff.ts')).diffCommand(environment),
  audit: async () => (await import('./commands/audit.ts')).auditCommand(environment, version()),
  plan: async () => (await import('./commands/plan.ts')).planCommand(environment),
  replay: async () => (await import('./commands/replay.ts')).replayCommand(environment),
  readiness: async () => (await import('./commands/readiness.ts')).readinessCommand(environment),
  doctor: async () => (await import('./commands/doctor.ts')).doctorCommand(environment, version()),
  fence: async () => (await import('./commands/fence.ts')).fenceCommand(environment),
  unfence: async () => (await import('./commands/unfence.ts')).unfenceCommand(environment),
  baseline: async () => (await import('./commands/baseline.ts')).baselineCommand(environment),
  manifests: async () => (await import('./commands/manifests.ts')).manifestsCommand(environment),
  uninstall: async () => (await import('./commands/uninstall.ts')).uninstallCommand(environment),
};

const program = new Command('ringfence')
  .description('Label-governed network isolation for Kubernetes: an admission webhook and its tools.')
  .version(version())
  // Otherwise commander ends the process with 1, which means findings.
  .exitOverride();
for (const load of neededCommands(process.argv[2])) {
  // Commands that are created separately do not inherit this setting.
  program.addCommand((await load()).exitOverride());
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
function neededCommands(first: string | undefined): readonly (() => Promise<Command>)[] {
  if (first === '--version' || first === '-V') return [];
  const named = Object.entries(commands).find(([name]) => name === first);
  return named === undefined ? Object.values(commands) : [named[1]];
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
