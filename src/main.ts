import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { readEnvironment } from './config/environment.ts';
import { FileError } from './documents/problem.ts';
import { asCalled, type CommandName, call, commandNames } from './invocation.ts';

const environment = readEnvironment();

// A pager or `head` may close standard output early. That does not change what was found: a command
// sets its exit code before it prints, to 2 where it must not go on if nobody reads.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  const code = error.code === 'EPIPE' ? (process.exitCode ?? 0) : 2;
  if (code === 2) console.error(`ringfence: standard output cannot be written: ${error.message}`);
  process.exit(code);
});

/** The commands under the headings of the help, in its order. Each loads only what it needs. */
const groups: Readonly<Record<string, Readonly<Partial<Record<CommandName, () => Promise<Command>>>>>> = {
  'Look at manifests or a cluster:': {
    check: async () =>
      (await import('./commands/check.ts')).checkCommand(environment, version(), readPackage().homepage),
    reach: async () => (await import('./commands/reach.ts')).reachCommand(environment),
    assert: async () => (await import('./commands/assert.ts')).assertCommand(environment),
    diff: async () => (await import('./commands/diff.ts')).diffCommand(environment),
    doctor: async () => (await import('./commands/doctor.ts')).doctorCommand(environment, version()),
    audit: async () => (await import('./commands/audit.ts')).auditCommand(environment, version()),
    view: async () => (await import('./commands/view.ts')).viewCommand(environment, version()),
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
  'Help:': {
    completion: async () => (await import('./commands/completion.ts')).completionCommand(),
  },
};

const program = new Command(call)
  .description('Label-governed network isolation for Kubernetes: an admission webhook and its tools.')
  .version(version())
  .commandsGroup('Help:')
  .helpCommand('help [command]', 'display help for command')
  // Otherwise commander ends the process with 1, which means findings.
  .exitOverride()
  .configureOutput({
    writeOut: (text) => process.stdout.write(asCalled(text)),
    writeErr: (text) => process.stderr.write(asCalled(text)),
  });
for (const { heading, load } of neededCommands(process.argv[2])) {
  program.addCommand((await load()).copyInheritedSettings(program).helpGroup(heading));
}

// The scripts of shells ask this on every press of the key.
if (process.argv[2] === '__complete') {
  const { answerWords } = await import('./commands/completion.ts');
  program.addCommand(answerWords({ names: commandNames, load, checks }), { hidden: true });
}

/** Exit codes: 0 clean, 1 findings, 2 could not run. */
try {
  await program.parseAsync();
} catch (error) {
  // Commander has already printed its errors. A request for help is not an error.
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
  const text = error instanceof Error ? error.message : String(error);
  // The message of a FileError has one line for each problem, which begins with its place.
  console.error(asCalled(error instanceof FileError ? text : `ringfence: ${text}`));
  process.exit(2);
}

/**
 * Returns the command that the first argument names. Any other first argument needs all commands,
 * because help and error messages list them.
 */
function neededCommands(
  first: string | undefined,
): readonly { readonly heading: string; readonly load: () => Promise<Command> }[] {
  if (first === '--version' || first === '-V' || first === '__complete') return [];
  const all = Object.entries(groups).flatMap(([heading, commands]) =>
    Object.entries(commands).map(([name, create]) => ({ heading, name, load: create })),
  );
  const named = all.filter(({ name }) => name === first);
  return named.length === 0 ? all : named;
}

async function load(name: string): Promise<Command | undefined> {
  return Object.values(groups)
    .flatMap((commands) => Object.entries(commands))
    .find(([one]) => one === name)?.[1]();
}

async function checks(): Promise<readonly string[]> {
  return (await import('./judgement/rules.ts')).rules.map(({ id }) => id);
}

function version(): string {
  return readPackage().version;
}

function readPackage(): { readonly version: string; readonly homepage: string } {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return JSON.parse(text) as { version: string; homepage: string };
}
