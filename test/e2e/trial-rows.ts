// The end of a trial, which people without and with permissions write on a namespace.
import { trialAnnotation } from '../../src/baseline/trial.ts';
import { fenceMark } from '../../src/policy/mode.ts';
import { type Manifest, namespaceLabels } from './objects.ts';

const [early, late] = ['2999-01-01T00:00:00Z', '2999-01-02T00:00:00Z'];
const dry = '--dry-run=server';

function onTrial(name: string, labels: object): Manifest {
  const metadata = { name, labels, annotations: { [trialAnnotation]: late } };
  return { apiVersion: 'v1', kind: 'Namespace', metadata };
}

/** One that is fenced, and one that somebody has annotated before anybody fences it. */
export const namespacesOnTrial: readonly Manifest[] = [
  onTrial('tried', { ...namespaceLabels, [fenceMark]: 'true' }),
  onTrial('trap', namespaceLabels),
];

/** What happens, the outcome for a developer, for a team lead and for a keeper, and the command. */
export const trialRows: [string, string, string, string, string][] = [
  ['gets an end of its wall', 'lower', 'lower', 'passes', `annotate namespace soft ${dry} ${trialAnnotation}=${late}`],
  [
    'gets an earlier end',
    'lower',
    'lower',
    'passes',
    `annotate namespace tried ${dry} --overwrite ${trialAnnotation}=${early}`,
  ],
  ['is confirmed', 'fence', 'fence', 'passes', `annotate namespace tried ${dry} ${trialAnnotation}-`],
  ['gets an end that is no time', 'trial', 'trial', 'trial', `annotate namespace plain ${dry} ${trialAnnotation}=soon`],
  [
    'is put under the mark with an end from before',
    'fence',
    'fence',
    'trial',
    `label namespace trap ${dry} ${fenceMark}=`,
  ],
];
