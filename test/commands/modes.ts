import type { Command } from 'commander';
import { assertCommand } from '../../src/commands/assert.ts';
import { auditCommand } from '../../src/commands/audit.ts';
import { baselineCommand } from '../../src/commands/baseline.ts';
import { checkCommand } from '../../src/commands/check.ts';
import { completionCommand } from '../../src/commands/completion.ts';
import { diffCommand } from '../../src/commands/diff.ts';
import { doctorCommand } from '../../src/commands/doctor.ts';
import { fenceCommand } from '../../src/commands/fence.ts';
import { manifestsCommand } from '../../src/commands/manifests.ts';
import { planCommand } from '../../src/commands/plan.ts';
import { reachCommand } from '../../src/commands/reach.ts';
import { readinessCommand } from '../../src/commands/readiness.ts';
import { replayCommand } from '../../src/commands/replay.ts';
import { serveCommand } from '../../src/commands/serve.ts';
import { unfenceCommand } from '../../src/commands/unfence.ts';
import { uninstallCommand } from '../../src/commands/uninstall.ts';
import { viewCommand } from '../../src/commands/view.ts';
import { readEnvironment } from '../../src/config/environment.ts';

const environment = readEnvironment({});
/** The commands, each made anew. */
export const make = {
  assert: () => assertCommand(environment),
  audit: () => auditCommand(environment, '0'),
  baseline: () => baselineCommand(environment),
  check: () => checkCommand(environment, '0', 'https://docs.example'),
  completion: () => completionCommand(),
  diff: () => diffCommand(environment),
  doctor: () => doctorCommand(environment, '0'),
  fence: () => fenceCommand(environment),
  manifests: () => manifestsCommand(environment),
  plan: () => planCommand(environment),
  reach: () => reachCommand(environment),
  readiness: () => readinessCommand(environment),
  replay: () => replayCommand(environment),
  serve: () => serveCommand(environment, '0'),
  unfence: () => unfenceCommand(environment),
  uninstall: () => uninstallCommand(environment),
  view: () => viewCommand(environment, '0'),
} as const satisfies Readonly<Record<string, () => Command>>;

/**
 * Every mode of every command: how it is chosen, the options that it uses, and those that are
 * harmless without a use, with the reason. Every other option must be refused with a sentence.
 */
interface ModeRow {
  readonly command: keyof typeof make;
  readonly mode: string;
  readonly args: readonly string[];
  readonly uses: string;
  readonly harmless?: Readonly<Record<string, string>>;
}

const live = '--kubeconfig --context';
const person = `${live} --yes --dry-run --timeout --output`;
const world = '--config --ringfence-namespace --pod-cidr --namespace --strict --ignore-unreadable';
const audited = '--filename --exclude --config --ringfence-namespace --output --strict';
const fencedNote = { '--fenced': 'a note says that it is about files' };
const noQuestion = { '--yes': 'nothing is asked, so it is answered' };

export const rows: readonly ModeRow[] = [
  ...(['assert', 'reach'] as const).flatMap((command): readonly ModeRow[] => {
    const [question, more] = command === 'assert' ? [[], '--output'] : [['--from', 'a'], '--from --to --port --output'];
    const chosen = command === 'assert' ? '' : '--matrix --queries';
    const uses = `${world} ${more} ${chosen}`;
    return [
      { command, mode: 'live', args: question, uses: `${live} ${uses} --filename`, harmless: fencedNote },
      {
        command,
        mode: 'files',
        args: ['-f', 'x', 'y', ...question],
        uses: `${uses} --filename --exclude --fenced`,
      },
    ];
  }),
  {
    command: 'reach',
    mode: 'matrix of files',
    args: ['--matrix', '-f', 'x'],
    uses: `${world} --filename --exclude --fenced --matrix --port --output --from --to --queries`.replace(
      ' --namespace',
      '',
    ),
  },
  { command: 'diff', mode: 'files', args: ['x', 'y'], uses: `${world} --exclude --fenced --output` },
  { command: 'diff', mode: 'one side live', args: ['x', 'live'], uses: `${live} ${world} --exclude --fenced --output` },
  {
    command: 'diff',
    mode: 'both sides live',
    args: ['live', 'live'],
    uses: `${live} ${world} --output`,
    harmless: fencedNote,
  },
  {
    command: 'audit',
    mode: 'live',
    args: [],
    uses: `${live} --filename --config --ringfence-namespace --output --strict --publish`,
  },
  { command: 'audit', mode: 'files', args: ['-f', 'x'], uses: audited },
  { command: 'audit', mode: 'html', args: ['-f', 'x', '-o', 'html'], uses: `${audited} --language` },
  { command: 'audit', mode: 'publish', args: ['--publish'], uses: `${live} --publish --config --ringfence-namespace` },
  {
    command: 'readiness',
    mode: 'live',
    args: [],
    uses: `${live} --filename --log --namespace --config --ringfence-namespace --output --top`,
  },
  {
    command: 'readiness',
    mode: 'files, a log and JSON',
    args: ['-f', 'x', '--log', 'y', '-o', 'json'],
    uses: '--filename --exclude --log --namespace --config --ringfence-namespace --output --strict',
  },
  { command: 'replay', mode: 'text', args: ['x', '--config', 'y'], uses: '--config --mode --output --top --strict' },
  {
    command: 'replay',
    mode: 'JSON',
    args: ['x', '--config', 'y', '-o', 'json'],
    uses: '--config --mode --output --strict',
  },
  {
    command: 'plan',
    mode: 'live',
    args: ['shop'],
    uses: `${live} --filename --namespace --observed --config --ringfence-namespace --pod-cidr --peers --external --ephemeral --output --write --verify --all --strict`,
  },
  {
    command: 'plan',
    mode: 'files',
    args: ['shop', '-f', 'x'],
    uses: '--filename --exclude --namespace --observed --config --ringfence-namespace --pod-cidr --peers --external --ephemeral --output --write --all --strict',
  },
  {
    command: 'plan',
    mode: 'verify',
    args: ['--verify', 'x'],
    uses: '--verify --config --output',
  },
  {
    command: 'plan',
    mode: 'verify by a configuration',
    args: ['--verify', 'x', '--config', 'y'],
    uses: '--verify --config --output --ringfence-namespace',
  },
  {
    command: 'doctor',
    mode: 'examinations',
    args: [],
    uses: `${live} --config --ringfence-namespace --output --strict --probe`,
  },
  {
    command: 'doctor',
    mode: 'probe',
    args: ['--probe', 'shop'],
    uses: `${live} --config --ringfence-namespace --output --strict --probe --probe-image --timeout --yes`,
  },
  {
    command: 'baseline',
    mode: 'live',
    args: ['shop'],
    uses: `${live} --namespace --labels --empty-lists --config --ringfence-namespace --dialect --output`,
  },
  {
    command: 'baseline',
    mode: 'labels, as ClusterNetworkPolicy',
    args: ['shop', '--labels', 'env=prod', '--dialect', 'clusternetworkpolicy'],
    uses: '--namespace --labels --config --ringfence-namespace --dialect --api-version --output',
  },
  {
    command: 'fence',
    mode: 'plain',
    args: ['shop', '--yes'],
    uses: `${person} --namespace --unlabelled --replace --keep --trial --confirm --stage --planned --accept-cuts --observed --config --ringfence-namespace`,
  },
  {
    command: 'fence',
    mode: 'trial',
    args: ['shop', '--yes', '--trial', '15m'],
    uses: `${person} --namespace --unlabelled --trial --no-watch --accept-cuts --observed --config --ringfence-namespace`,
  },
  {
    command: 'fence',
    mode: 'confirm',
    args: ['shop', '--confirm'],
    uses: `${person} --namespace --confirm --config --ringfence-namespace`.replace(' --yes', ''),
    harmless: noQuestion,
  },
  {
    command: 'fence',
    mode: 'stage',
    args: ['shop', '--yes', '--stage'],
    uses: `${person} --namespace --unlabelled --stage --planned --config --ringfence-namespace`.replace(
      ' --timeout',
      '',
    ),
  },
  { command: 'unfence', mode: 'plain', args: ['shop', '--yes'], uses: `${person} --namespace --keep-baseline` },
  { command: 'uninstall', mode: 'plain', args: ['--yes'], uses: `${person} --namespace --remove-baselines` },
  { command: 'completion', mode: 'plain', args: ['bash'], uses: '' },
  {
    command: 'view',
    mode: 'live',
    args: [],
    uses: `${live} --filename --config --ringfence-namespace --observed --port --reread-seconds`,
  },
  {
    command: 'view',
    mode: 'files',
    args: ['-f', 'x'],
    uses: '--filename --exclude --config --ringfence-namespace --observed --port',
  },
  {
    command: 'manifests',
    mode: 'webhooks',
    args: ['--webhooks'],
    uses: '--webhooks --backstop --config --webhook-url --namespace',
  },
  {
    command: 'manifests',
    mode: 'backstop',
    args: ['--backstop'],
    uses: '--webhooks --backstop --config --no-mutating --namespace',
  },
  {
    command: 'check',
    mode: 'plain',
    args: ['x'],
    uses: '--config --namespaces --namespace --output --strict --exclude --ignore-unreadable --only --skip --known --write-known',
  },
  {
    command: 'serve',
    mode: 'a Secret of its own',
    args: [],
    uses: `${live} --config --webhook-url --namespace --host --port --admin-port --client-ca --tls-dir --certificate-hours --authority-hours --overlap-seconds --certificate-seconds --config-seconds --relist-seconds --rejudge-seconds --silence-seconds --drain-seconds --log-level`,
  },
  {
    command: 'serve',
    mode: 'mounted certificates',
    args: ['--tls-dir', 'x'],
    uses: `${live} --config --webhook-url --namespace --host --port --admin-port --client-ca --tls-dir --overlap-seconds --certificate-seconds --config-seconds --relist-seconds --rejudge-seconds --silence-seconds --drain-seconds --log-level`,
  },
];
