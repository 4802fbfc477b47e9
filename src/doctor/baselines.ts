import { desiredBaseline } from '../baseline/desired.ts';
import { type Drift, driftOf } from '../baseline/drift.ts';
import { reservedNames } from '../baseline/names.ts';
import { isStanding } from '../baseline/trial.ts';
import { fenceMark } from '../policy/mode.ts';
import { examination } from './examination.ts';
import { type Answer, clean, finding, listed, note } from './line.ts';

const place = 'namespaces with the mark, and their baselines';
const means = 'the mark promises what is not there: Pods of these namespaces may be open';

/** Asks whether every namespace with the mark has its baseline. */
export const baselines = examination({
  id: 'baselines',
  question: 'Does every fenced namespace have its baseline?',
  finding:
    'a namespace carries the mark and lacks a policy of the baseline, or has another specification under its name',
  needs: ['config', 'namespaces', 'baselines'],
  answer({ config, namespaces, baselines: policies }) {
    const byName = new Map(policies.map((one) => [`${one.metadata.namespace ?? ''}/${one.metadata.name ?? ''}`, one]));
    const marked = namespaces.filter(({ name, labels }) => labels.has(fenceMark) && !config.neverFenced.includes(name));
    const wrong = new Map<Drift, string[]>();
    const over: string[] = [];
    for (const { trialUntil, ...namespace } of marked) {
      const onTrial = trialUntil === undefined ? namespace : { ...namespace, trialUntil };
      const found = reservedNames.map((name) => byName.get(`${namespace.name}/${name}`));
      if (trialUntil !== undefined && found.some(Boolean) && !found.some((policy) => isStanding(policy))) {
        over.push(namespace.name);
        continue;
      }
      for (const desired of desiredBaseline(onTrial, config)) {
        const name = `${namespace.name}/${desired.metadata.name ?? ''}`;
        for (const drift of driftOf(byName.get(name), desired, config.taxonomy))
          wrong.set(drift, [...(wrong.get(drift) ?? []), name]);
      }
    }
    const answers = [...wrong].map(([drift, names]): Answer => {
      const found = `${names.length} ${words[drift]}: ${listed(names)}`;
      return drift === 'labels' || drift === 'trial' || drift === 'owner-references'
        ? finding(place, found, 'the policy holds now, and others may change or delete it', remedy)
        : finding(place, found, means, remedy);
    });
    const ended =
      over.length === 0 ? [] : [note(place, `${over.length} whose trial is over: ${listed(over)}`, openMeans)];
    if (answers.length + ended.length > 0) return [...answers, ...ended];
    if (marked.length === 0) return [note(place, 'no namespace is fenced', 'nothing is denied by default anywhere')];
    return [clean(place, `${marked.length} fenced, and each has its baseline`)];
  },
});

const openMeans = 'the wall is open, and the mark has no effect; fence the namespace again, or unfence it';

const words: Readonly<Record<Drift, string>> = {
  missing: 'missing',
  spec: 'with another specification',
  labels: 'with other identity labels',
  trial: 'with another trial than their namespace',
  'owner-references': 'with an owner that may take it along',
  terminating: 'being deleted',
};

const remedy =
  'Ringfence repairs this within seconds where it runs. Where it stays, its log names the namespace (docs/alerts.md, RingfenceBaselineFailing).';
