import { describe, expect, it } from 'vitest';
import { createInventory } from '../../src/network/inventory.ts';
import { compareDesks } from '../../src/reach/change.ts';
import { formatChanges } from '../../src/reach/change-text.ts';
import { createDesk, type Desk } from '../../src/reach/desk.ts';
import { type Family, findFamilies } from '../../src/reach/family.ts';
import { type Entry, type NamedEnd, relate } from '../../src/reach/relation.ts';
import { survey } from '../../src/reach/survey.ts';
import { formatSurvey } from '../../src/reach/survey-text.ts';

const four = ['a', 'b', 'c', 'd'] as const;

/** Each namespace has a Pod `web`. The label of each pair of namespaces is chosen by the caller. */
function familiesOf(
  label: (from: string, to: string) => string,
  traitOf?: (namespace: string) => string,
): readonly Family[] {
  const ends = four.map((namespace): NamedEnd => ({ namespace, names: [`${namespace}/web`], trait: '' }));
  const entries = ends.flatMap((from) =>
    ends.flatMap((to): Entry<NamedEnd>[] => {
      const text = label(from.namespace ?? '', to.namespace ?? '');
      return text === '' ? [] : [{ from, to, label: text }];
    }),
  );
  return [...new Set(findFamilies(relate(entries), traitOf).values())];
}

describe('a family of namespaces', () => {
  it('is all that differ only by name', () => {
    expect(familiesOf((from, to) => (from === to ? '1' : '2'))).toEqual([four]);
  });

  it.each<[string, Parameters<typeof familiesOf>]>([
    ['two that allow each other something else', [(from, to) => (from === 'a' && to === 'b' ? '2' : '1')]],
    ['one that is called on another port', [(from, to) => (from !== to && to === 'd' ? '2' : '1')]],
    ['one that calls another port', [(from, to) => (from !== to && from === 'c' ? '2' : '1')]],
    ['one that is different inside', [(from, to) => (from === to && from === 'a' ? '2' : '1')]],
    ['one without a flow', [(from, to) => (from === 'a' || to === 'a' ? '' : '1')]],
    ['one of which the table says more', [() => '1', (namespace) => (namespace === 'b' ? '2' : '1')]],
  ])('has no member that is unlike the others: %s', (_, [label, traitOf]) => {
    expect(familiesOf(label, traitOf)).toEqual([]);
  });
});

const wall = { podSelector: {}, policyTypes: ['Ingress', 'Egress'] };

/** Many namespaces with the Pods `web` and `db`. */
function many(count: number, ingress: readonly object[], more: readonly object[] = []): Desk {
  const taker = createInventory();
  const objects = Array.from({ length: count }, (_, index) => `n${index}`).flatMap((namespace) => [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    pod(namespace, 'web'),
    pod(namespace, 'db'),
    policy(namespace, { podSelector: { matchLabels: { app: 'db' } }, ingress }),
  ]);
  for (const object of [...objects, ...more]) taker.add(object, '');
  return createDesk(taker.take());
}

function pod(namespace: string, name: string): object {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name, labels: { app: name } } };
}

function policy(namespace: string, spec: object): object {
  return { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { namespace, name: 'db' }, spec };
}

const own = [{ from: [{ podSelector: {} }] }];

function lines(text: string): readonly string[] {
  return text.split('\n').map((line) => line.trim().replace(/ {2,}/g, ' | '));
}

describe('a table of hundreds of namespaces', () => {
  // One line for each pair would be 245,000 lines.
  it('is as long as one of four', () => {
    const [large, small] = [many(350, own), many(4, own)].map((desk) => lines(formatSurvey(survey({}, desk), desk)));
    expect(small).toEqual([
      'FROM | TO | PORTS',
      'any address | web in 4 namespaces like n0 | all ports',
      'web in 4 namespaces like n0 | any address | all ports',
      'web in 4 namespaces like n0 | db in the same namespace | all ports',
      'web in 4 namespaces like n0 | web in the other 3 of them | all ports',
      'db in 4 namespaces like n0 | any address | all ports',
      'db in 4 namespaces like n0 | web in the same namespace | all ports',
      'db in 4 namespaces like n0 | web in the other 3 of them | all ports',
      '',
      '4 namespaces like n0: n0, n1, n2, n3',
      '',
    ]);
    expect(large).toHaveLength(small?.length ?? 0);
  });

  it('does not say of a namespace that all of it is reached where one Pod is not', () => {
    const more = [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'z' } },
      pod('z', 'probe'),
      pod('n3', 'closed'),
      {
        ...policy('n3', { ...wall, podSelector: { matchLabels: { app: 'closed' } } }),
        metadata: { namespace: 'n3', name: 'closed' },
      },
    ];
    const desk = many(5, [{}], more);
    const [probe] = desk.inventory.world.pods.filter(({ namespace }) => namespace === 'z');
    const one = probe && desk.evaluator.classes.of(probe);
    if (probe === undefined || one === undefined) throw new Error('there is no probe');
    const from = [{ kind: 'pods', name: 'z/probe', one, pods: [probe] } as const];
    expect(lines(formatSurvey(survey({ from }, desk), desk))).toEqual([
      'FROM | TO | PORTS',
      'z/probe | any address | all ports',
      'z/probe | every pod in 4 namespaces like n0 | all ports',
      'z/probe | n3/web | all ports',
      'z/probe | n3/db | all ports',
      '',
      '4 namespaces like n0: n0, n1, n2, n4',
      '',
    ]);
  });

  it('groups equal changes', () => {
    const after = many(350, [{ from: [{ namespaceSelector: {} }] }]);
    expect(lines(formatChanges(compareDesks(many(350, []), after), after)).slice(0, 4)).toEqual([
      'CHANGE | FROM | TO | PORTS',
      'opened | web in 350 namespaces like n0 | db in the same namespace | all ports',
      'opened | web, db in 350 namespaces like n0 | db in the other 349 of them | all ports',
      '',
    ]);
  });
});
