import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { assertCommand } from './commands/assert.ts';
import { baselineCommand } from './commands/baseline.ts';
import { checkCommand } from './commands/check.ts';
import { diffCommand } from './commands/diff.ts';
import { fenceCommand } from './commands/fence.ts';
import { manifestsCommand } from './commands/manifests.ts';
import { reachCommand } from './commands/reach.ts';
import { serveCommand } from './commands/serve.ts';
import { unfenceCommand } from './commands/unfence.ts';
import { uninstallCommand } from './commands/uninstall.ts';
import { readEnvironment } from './config/environment.ts';
import { ConfigError } from './config/problem.ts';

const environment = readEnvironment();

// A person's output may be cut short by a pager or `head`: that is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 2));

const program = new Command('ringfence')
  .description('Label-governed network isolation for Kubernetes: an admission webhook and its tools.')
  .version(version())
  // Else commander ends the process with 1, which means findings.
  .exitOverride()
  .addCommand(serveCommand(environment))
  .addCommand(checkCommand(environment, version()))
  .addCommand(reachCommand(environment))
  .addCommand(assertCommand(environment))
  .addCommand(diffCommand(environment))
  .addCommand(fenceCommand(environment))
  .addCommand(unfenceCommand())
  .addCommand(baselineCommand(environment))
  .addCommand(manifestsCommand(environment))
  .addCommand(uninstallCommand(environment));
// Commands made apart do not inherit this.
for (const command of program.commands) command.exitOverride();

/** Exit codes: 0 clean, 1 findings, 2 could not run. */
try {
  await program.parseAsync();
} catch (error) {
  // What commander throws it has said already; asking for help is no error.
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
  const text = error instanceof Error ? error.message : String(error);
  // A ConfigError's message has a line for each problem, which begins with its place.
  console.error(error instanceof ConfigError ? text : `ringfence: ${text}`);
  process.exit(2);
}

function version(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
