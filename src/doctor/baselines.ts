import { desiredBaseline } from '../baseline/desired.ts';
import { type Drift, driftOf } from '../baseline/drift.ts';
import { reservedNames } from '../baseline/names.ts';
import { needsBaseline } from '../baseline/namespace.ts';
import { isStanding } from '../baseline/trial.ts';
import type { Config } from '../config/config.ts';
import type { RawObject } from '../kubernetes/object-meta.ts';
import { examination } from './examination.ts';
import type { FactValues } from './facts.ts';
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
    const byName = indexOf(policies);
    const fenced = namespaces.filter((one) => needsBaseline(one, config));
    const wrong = new Map<Drift, string[]>();
    for (const { drift, name } of fenced.flatMap((namespace) => driftsOf(namespace, byName, config)))
      wrong.set(drift, [...(wrong.get(drift) ?? []), name]);
    const over = Map.groupBy(
      namespaces.filter((one) => isOver(one, config)),
      (namespace) => (isClosed(namespace, byName) ? 'closed' : 'open'),
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

/** The names of the namespaces about whose baseline there is something to find. */
export function namespacesInDoubt(
  { namespaces, policies }: { readonly namespaces: Namespaces; readonly policies: readonly RawObject[] },
  config: Config,
): readonly string[] {
  const byName = indexOf(policies);
  return namespaces
    .filter((one) =>
      needsBaseline(one, config)
        ? driftsOf(one, byName, config).length > 0
        : isOver(one, config) && isClosed(one, byName),
    )
    .map(({ name }) => name);
}

type Namespaces = FactValues['namespaces'];

/** Policies by `namespace/name`. */
type ByName = ReadonlyMap<string, RawObject>;

function indexOf(policies: readonly RawObject[]): ByName {
  return new Map(policies.map((one) => [`${one.metadata.namespace ?? ''}/${one.metadata.name ?? ''}`, one]));
}

function driftsOf(
  namespace: Namespaces[number],
  byName: ByName,
  config: Config,
): readonly { readonly drift: Drift; readonly name: string }[] {
  return desiredBaseline(namespace, config).flatMap((desired) => {
    const name = `${namespace.name}/${desired.metadata.name ?? ''}`;
    return driftOf(byName.get(name), desired, config.taxonomy).map((drift) => ({ drift, name }));
  });
}

/** Whether its trial is over. */
function isOver({ name, isTrialOver }: Namespaces[number], { neverFenced }: Config): boolean {
  return isTrialOver === true && !neverFenced.includes(name);
}

function isClosed({ name }: Namespaces[number], byName: ByName): boolean {
  return reservedNames.some((one) => isStanding(byName.get(`${name}/${one}`)));
}

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
