import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { parseConfig } from '../../src/config/load.ts';
import { createBudget, reviewLimits } from '../../src/network/budget.ts';
import type { PolicyConfig } from '../../src/policy/check.ts';
import { crossEnvironment } from '../../src/policy/checks/cross-environment.ts';
import { flowMatrix } from '../../src/policy/checks/flow-matrix.ts';
import { evaluate } from '../../src/policy/evaluate.ts';
import { narrowTo } from '../../src/policy/narrowing.ts';
import { isOpened, openedBy } from '../../src/policy/opened.ts';
import { config, shop, subjectOf } from './minimal.ts';

const named = (name: string) => ({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } });
const namespaces = new Map([
  ['store', new Map([['tier', 'data']])],
  ['kube-system', new Map<string, string>()],
]);

/** Returns the advice for a rule of a policy in an API tier, so that only web or api may enter. */
function changeOf(key: string, rule: object): string {
  const object = { metadata: { name: 'rules', namespace: 'shop' }, spec: { podSelector: {}, ingress: [rule] } };
  const subject = subjectOf('NetworkPolicy', object, shop, 'CREATE', {
    namespaceLabels: (name) => namespaces.get(name),
    others: () => ({ policies: [] }),
    budget: createBudget(reviewLimits),
  });
  const opened = openedBy(subject, config);
  const [opening] = isOpened(opened) ? opened.openings : [];
  if (opening === undefined) throw new Error('opens nothing');
  return narrowTo(key, key === 'tier' ? ['web', 'api'] : ['high'], opening, subject, config);
}

const inConfiguration = (cidr: string) =>
  `the configuration must name it; add to peers: {name: nodes, role: nodes, cidrs: [${cidr}]}`;

describe('the narrowest change', () => {
  it.each(['10.0.0.7/32', '192.168.4.0/24', '169.254.7.127/32', 'fe80::1/128', 'fd00:1::5/128', '::1/128'])(
    'that it names for %s, pasted into the configuration, makes the policy pass',
    (cidr) => {
      const judged = (under: PolicyConfig) => {
        const spec = { podSelector: {}, policyTypes: ['Ingress'], ingress: [{ from: [{ ipBlock: { cidr } }] }] };
        const object = { metadata: { name: 'rules', namespace: 'shop' }, spec };
        const subject = subjectOf('NetworkPolicy', object, shop, 'CREATE', {
          namespaceLabels: () => undefined,
          others: () => ({ policies: [] }),
          budget: createBudget(reviewLimits),
        });
        return [flowMatrix, crossEnvironment].flatMap(
          (check) => evaluate([check], subject, undefined, { mode: 'enforce', source: 'cluster' }, under).findings,
        );
      };
      const before = judged(config);
      expect(before.map(({ check }) => check)).toEqual(['flow-matrix', 'cross-environment']);
      for (const { reason } of before) {
        const peer = parse(reason.slice(reason.indexOf('{'))) as object;
        const text = stringify({ apiVersion: 'ringfence.dev/v1alpha1', kind: 'Configuration', peers: [peer] });
        const changed = parseConfig(text, {
          file: 'config.yaml',
          ownNamespace: 'ringfence-system',
          version: '0',
          checkIds: [],
        });
        expect(judged(changed)).toEqual([]);
      }
    },
  );

  it.each<[string, string, object, string]>([
    ['names peers where there are none', 'tier', {}, 'name Pods of tier web or api under "from"'],
    [
      'names Pods instead of addresses',
      'tier',
      { from: [{ ipBlock: { cidr: '10.0.0.0/16' } }] },
      `a private address may be any Pod's, so name Pods of tier web or api instead; if nodes or API servers have it, ${inConfiguration('10.0.0.0/16')}`,
    ],
    [
      'names Pods instead of a range that is no list of nodes',
      'tier',
      { from: [{ ipBlock: { cidr: '10.0.0.0/8' } }] },
      "a private address may be any Pod's, so name Pods of tier web or api instead",
    ],
    [
      'names the node where no Pod can be meant',
      'tier',
      { from: [{ ipBlock: { cidr: '169.254.7.127/32' } }] },
      `link-local addresses are the node's own, so ${inConfiguration('169.254.7.127/32')}`,
    ],
    [
      'names the node by IPv6 too',
      'tier',
      { from: [{ ipBlock: { cidr: 'fe80::/64' } }] },
      `link-local addresses are the node's own, so ${inConfiguration('fe80::/64')}`,
    ],
    [
      'adds the key to the namespaces',
      'tier',
      { from: [{ namespaceSelector: {} }] },
      'add tier: web or tier: api to its namespaceSelector',
    ],
    [
      'sets a key that is named already',
      'tier',
      { from: [{ namespaceSelector: { matchLabels: { tier: 'data' } } }] },
      'set tier: web or tier: api in its namespaceSelector',
    ],
    [
      'adds a key that need not agree to the Pods',
      'sensitivity',
      { from: [{ namespaceSelector: {} }] },
      'add sensitivity: high to its podSelector',
    ],
    [
      'names another namespace than one that is of another tier',
      'tier',
      { from: [named('store')] },
      'namespace store is tier=data, so name Pods of tier web or api instead',
    ],
    [
      'adds the key to the Pods of a namespace that does not say it',
      'tier',
      { from: [named('kube-system')] },
      'add tier: web or tier: api to its podSelector',
    ],
    [
      'pins down a namespace that is not there',
      'tier',
      { from: [named('later')] },
      'namespace later is not known, so it may be any; add tier: web or tier: api to its namespaceSelector',
    ],
  ])('%s', (_, key, rule, expected) => {
    expect(changeOf(key, rule)).toBe(expected);
  });
});
