// `npm run demo`: starts a real control plane, installs Ringfence, and plays the practice through
// kubectl. Then the cluster stays for the person until Ctrl-C.
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findBinaries } from '../control-plane/binaries.ts';
import { buildProgram } from '../e2e/program.ts';
import { decisionsIn, judgeDecisions, tabulate } from './decisions.ts';
import { findProblem, removeKubeconfigFile, writeKubeconfigFile } from './kubeconfig-file.ts';
import { add, exitCodeOf, play, showVerdict, type Tally } from './play.ts';
import { scenes } from './scenes.ts';
import { openTheatre, type Theatre } from './stage.ts';

const usage = `npm run demo -- [--once] [--kubeconfig FILE]
  --once             play, and end: exit code 0 only if every answer was as expected
  --kubeconfig FILE  write an administrator's kubeconfig there once all is ready
Exit codes: 0 all as expected, 1 not so, 2 could not run.`;

/** 128 + SIGINT, as shells report a command that was ended by Ctrl-C. */
const interruptedExitCode = 130;

const options = readOptions();
// The printed commands are for the root of the repository, and their paths are relative to it.
process.chdir(fileURLToPath(new URL('../../', import.meta.url)));

let theatre: Theatre | undefined;
let outcome: number | undefined;
let leaving = false;
// The supervisor ends what is still starting when the signal comes.
const interrupt = () => void leave(outcome ?? interruptedExitCode);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, interrupt);
if (process.env['npm_lifecycle_event'] === 'demo') endWithParent(interrupt);

try {
  const startedAt = performance.now();
  const problem = options.kubeconfig === undefined ? undefined : findProblem(options.kubeconfig);
  if (problem !== undefined) fail(problem);
  const found = await findBinaries();
  if (!found.ok) fail(`no control plane to show it on (${found.reason}). Remedy: ${found.remedy}.`);
  buildProgram();
  theatre = await openTheatre(found.folder, write);
  const played = add(theatre.tally, await play(scenes, theatre.stage));
  const tally = add(played, showDecisions(theatre));
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  write(`\n${tally.expected} of ${tally.expected + tally.unexpected} answers as expected, after ${seconds} s`);
  if (options.kubeconfig !== undefined) await publishKubeconfig(theatre, options.kubeconfig);
  outcome = exitCodeOf(tally);
  if (options.once) await leave(outcome);
  else showMore(theatre, dirname(theatre.controlPlane.kubectlPath));
} catch (error) {
  if (!leaving) console.error(`demo: ${error instanceof Error ? error.message : String(error)}`);
  await leave(2);
}

/** Ends the demo. Nothing of the cluster remains. */
async function leave(exitCode: number): Promise<void> {
  if (leaving) return;
  leaving = true;
  if (options.kubeconfig !== undefined) removeKubeconfigFile(options.kubeconfig);
  await theatre?.close();
  process.exit(exitCode);
}

/**
 * A signal to npm ends npm and its shell, which do not pass it on. Without this, the demo would
 * stay behind with a control plane that nobody sees.
 */
function endWithParent(end: () => void): void {
  const parent = process.ppid;
  // Half a second is short enough for a person.
  setInterval(() => process.ppid !== parent && end(), 500).unref();
}

function showDecisions({ replica }: Theatre): Tally {
  const decisions = decisionsIn(replica.log());
  write(`\n== What the audit log has of it: one JSON line for each decision ==\n\n${tabulate(decisions)}`);
  const example = decisions.find(({ decision }) => decision === 'denied');
  if (example !== undefined) write(`\nThe first refusal, in full:\n${JSON.stringify(example)}`);
  return showVerdict('each refusal above is one of its lines', judgeDecisions(decisions, scenes), write);
}

async function publishKubeconfig({ controlPlane }: Theatre, path: string): Promise<void> {
  const { exitCode: code, stdout, stderr } = await controlPlane.kubectl(['config', 'view', '--raw', '--flatten']);
  if (code !== 0) throw new Error(`no kubeconfig: ${stderr.trim()}`);
  if (!leaving) writeKubeconfigFile(path, stdout);
}

function showMore({ controlPlane, replica }: Theatre, binaries: string): void {
  write(`
It stays up until Ctrl-C. To try more, in another terminal at ${process.cwd()}:
  export PATH=${binaries}:$PATH
  export KUBECONFIG=${controlPlane.kubeconfigFor('developer')}
  kubectl create namespace mine
  kubectl --namespace backend run hello --image=hello --labels=env=prod,tier=wbe
  kubectl --namespace backend delete networkpolicies --all
As the administrator, who may breach the walls (and sees them put back):
  export KUBECONFIG=${options.kubeconfig ?? controlPlane.adminKubeconfig}
  kubectl --namespace backend delete networkpolicies --all
  kubectl --namespace backend get networkpolicies
What Ringfence says:
  tail -f ${replica.logFile}
  curl ${replica.adminUrl}/metrics`);
}

function readOptions(): { readonly once: boolean; readonly kubeconfig: string | undefined } {
  try {
    const { values } = parseArgs({
      options: { once: { type: 'boolean' }, kubeconfig: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help) {
      write(usage);
      process.exit(0);
    }
    const typedIn = process.env['INIT_CWD'] ?? process.cwd();
    return { once: values.once ?? false, kubeconfig: values.kubeconfig && resolve(typedIn, values.kubeconfig) };
  } catch (error) {
    console.error(`demo: ${error instanceof Error ? error.message : String(error)}\n${usage}`);
    process.exit(2);
  }
}

function fail(problem: string): never {
  console.error(`demo: ${problem}`);
  process.exit(2);
}

function write(text: string): void {
  // Failures that the end of the demo causes are not reported.
  if (!leaving) console.log(text);
}
