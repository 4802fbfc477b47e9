import { desiredBaseline } from '../baseline/desired.ts';
import { type Drift, driftOf } from '../baseline/drift.ts';
import { reservedNames } from '../baseline/names.ts';
import { needsBaseline } from '../baseline/namespace.ts';
import { isStanding } from '../baseline/trial.ts';
import { examination } from './examination.ts';
import { type Answer, clean, finding, listed, note } from './line.ts';

const place = 'namespaces with the mark, and their baselines';
const means = 'the mark promises what is not there: Pods of these namespaces may be open';

/** Asks whether every namespace with the mark has its baseline. */
export const baselines = examination({
  id: 'baselines',
  question: 'Does every fenced namespace have its baseline?',
  finding:
    'a namespace carries the mark and lacks a policy of the baseline, or has another specification under its name, or its wall still stands after the end of a trial',
  needs: ['config', 'namespaces', 'baselines'],
  answer({ config, namespaces, baselines: policies }) {
    const byName = new Map(policies.map((one) => [`${one.metadata.namespace ?? ''}/${one.metadata.name ?? ''}`, one]));
    const fenced = namespaces.filter((one) => needsBaseline(one, config));
    const wrong = new Map<Drift, string[]>();
    for (const namespace of fenced)
      for (const desired of desiredBaseline(namespace, config)) {
        const name = `${namespace.name}/${desired.metadata.name ?? ''}`;
        for (const drift of driftOf(byName.get(name), desired, config.taxonomy))
          wrong.set(drift, [...(wrong.get(drift) ?? []), name]);
      }
    const over = Map.groupBy(
      namespaces.filter(({ name, isTrialOver }) => isTrialOver === true && !config.neverFenced.includes(name)),
      ({ name }) => (reservedNames.some((one) => isStanding(byName.get(`${name}/${one}`))) ? 'closed' : 'open'),
    );
    const answers = [...wrong].map(([drift, names]): Answer => {
      const found = `${names.length} ${words[drift]}: ${listed(names)}`;
      return drift === 'labels' || drift === 'trial' || drift === 'owner-references'
        ? finding(place, found, 'the policy holds now, and others may change or delete it', remedy)
        : finding(place, found, means, remedy);
    });
    const [closed, open] = (['closed', 'open'] as const).map((state) => over.get(state)?.map(({ name }) => name) ?? []);
    if (closed !== undefined && closed.length > 0)
      answers.push(
        finding(place, `${closed.length} closed after the end of a trial: ${listed(closed)}`, closedMeans, remedy),
      );
    if (open !== undefined && open.length > 0)
      answers.push(note(place, `${open.length} whose trial is over: ${listed(open)}`, openMeans));
    if (answers.length > 0) return answers;
    if (fenced.length === 0) return [note(place, 'no namespace is fenced', 'nothing is denied by default anywhere')];
    return [clean(place, `${fenced.length} fenced, and each has its baseline`)];
  },
});

const closedMeans =
  'the namespace counts as not fenced, so no rule guards its wall, and the wall still denies what was on trial';
const openMeans = 'the wall is open, and the mark has no effect; fence the namespace again, or unfence it';

const words: Readonly<Record<Drift, string>> = {
  missing: 'missing',
  spec: 'with another specification',
  labels: 'with other identity labels',
  trial: 'with another end of a trial than their namespace has',
  'owner-references': 'with an owner that may take it along',
  terminating: 'being deleted',
};

const remedy =
  'Ringfence repairs this within seconds where it runs. Where it stays, its log names the namespace (docs/alerts.md, RingfenceBaselineFailing).';
