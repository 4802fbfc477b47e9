import { needsBaseline } from '../baseline/namespace.ts';
import { countOf } from '../wording/number.ts';
import { soundingKinds } from './discovery.ts';
import { examination } from './examination.ts';
import { type Facts, type FactValues, type OtherPolicies, type OtherPolicy, valueIn } from './facts.ts';
import { type Answer, clean, finding, listed, note, undecided } from './line.ts';

const looked = 'policies of other kinds, by what the API server serves';

/** Policies beside NetworkPolicy, by kind and namespace. Ringfence does not evaluate them. */
export const otherPolicies = examination({
  id: 'other-policies',
  question: 'Do policies of other kinds decide in fenced namespaces?',
  finding: 'a kind that can open what the baseline closes has objects in a fenced namespace, or for the whole cluster',
  needs: ['served', 'otherPolicies', 'namespaces'],
  answer({ served, otherPolicies: kinds, namespaces }, facts) {
    const fenced = fencedIn(namespaces, facts);
    const answers = [
      ...served.stale.map((group) =>
        undecided(
          `API group ${group}`,
          'the server of this aggregated API does not answer',
          `Look at it: kubectl get apiservices | grep ${group}`,
        ),
      ),
      ...kinds.flatMap((one) => kindAnswers(one, fenced)),
      ...soundingKinds(served).map(({ group, kind }) =>
        undecided(
          `kind ${kind} of ${group}`,
          'Ringfence does not know this kind, and its name says that it decides about traffic',
          'Find out whether its objects can allow what NetworkPolicies deny.',
        ),
      ),
    ];
    return answers.length > 0 ? answers : [clean(looked, 'there are none: NetworkPolicies decide alone')];
  },
});

function kindAnswers({ kind, objects }: OtherPolicies, fenced: ReadonlySet<string>): readonly Answer[] {
  const name = `${kind.kind}.${kind.group}`;
  if (!('value' in objects)) return [undecided(name, objects.problem, objects.remedy)];
  const all = objects.value;
  if (all.length === 0) return [];
  if (!kind.opens || kind.effect === 'none')
    return [note(name, countByNamespace(all), 'this kind decides nothing that the baseline closes by itself')];
  const near = kind.scope === 'Cluster' ? all : all.filter(({ namespace }) => fenced.has(namespace));
  if (near.length === 0)
    return [note(name, countByNamespace(all), 'these namespaces are not fenced; the objects are not evaluated')];
  return [
    finding(
      name,
      countByNamespace(near),
      'not evaluated: they can allow what the baseline denies, and reach, check and diff do not see it',
      'Read what they select and allow. Only people with the permission "open" can change them while Ringfence guards this kind (docs/other-policies.md).',
    ),
  ];
}

/** Policies that are never asked where the baseline has decided. */
export const baselineTier = examination({
  id: 'baseline-tier',
  question: 'Are there policies that fenced namespaces never reach?',
  finding: 'there are fenced namespaces, and policies of the Baseline tier',
  needs: ['otherPolicies', 'namespaces'],
  answer({ otherPolicies: kinds, namespaces }, facts) {
    const place = 'ClusterNetworkPolicies of the tier Baseline, and BaselineAdminNetworkPolicies';
    const fenced = fencedIn(namespaces, facts);
    const answers: Answer[] = [];
    for (const { kind, objects } of kinds.filter((one) => one.kind.group === 'policy.networking.k8s.io')) {
      if (!('value' in objects)) {
        answers.push(undecided(place, objects.problem, objects.remedy));
        continue;
      }
      const low = objects.value.filter(({ tier }) => tier === 'Baseline' || kind.kind.startsWith('Baseline'));
      if (low.length === 0) continue;
      const names = `${kind.kind} ${listed(low.map(({ name }) => name))}`;
      answers.push(
        fenced.size === 0
          ? note(place, names, 'no namespace is fenced, so they are still asked')
          : finding(
              place,
              names,
              `a NetworkPolicy that selects a Pod decides before this tier: in ${countOf(fenced.size, 'fenced namespace')} they never have an effect`,
              'Write what they should deny or allow as policies of the tier Admin, or as NetworkPolicies of the namespaces.',
            ),
      );
    }
    return answers.length > 0 ? answers : [clean(place, 'none')];
  },
});

/** The names of the namespaces that are fenced. Without a configuration, each may be. */
function fencedIn(namespaces: FactValues['namespaces'], { config }: Facts): ReadonlySet<string> {
  const { neverFenced } = valueIn(config) ?? { neverFenced: [] };
  return new Set(namespaces.filter((one) => needsBaseline(one, { neverFenced })).map(({ name }) => name));
}

function countByNamespace(objects: readonly OtherPolicy[]): string {
  const counts = new Map<string, number>();
  for (const { namespace } of objects) counts.set(namespace, (counts.get(namespace) ?? 0) + 1);
  const total = countOf(objects.length, 'object');
  const places = [...counts].filter(([namespace]) => namespace !== '').map(([name, count]) => `${name} (${count})`);
  return places.length === 0 ? `${total} for the whole cluster` : `${total}: ${listed(places)}`;
}
