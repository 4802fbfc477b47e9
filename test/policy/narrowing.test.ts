import { describe, expect, it } from 'vitest';
import { narrowTo } from '../../src/policy/narrowing.ts';
import { isOpened, openedBy } from '../../src/policy/opened.ts';
import { config, shop, subjectOf } from './minimal.ts';

const named = (name: string) => ({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } });
const namespaces = new Map([
  ['store', new Map([['tier', 'data']])],
  ['kube-system', new Map<string, string>()],
]);

/** What to change in a rule of a policy in an API tier, so that only web or api may enter. */
function changeOf(key: string, rule: object): string {
  const object = { metadata: { name: 'rules', namespace: 'shop' }, spec: { podSelector: {}, ingress: [rule] } };
  const subject = subjectOf('NetworkPolicy', object, shop, 'CREATE', {
    namespaceLabels: (name) => namespaces.get(name),
    policies: [],
  });
  const opened = openedBy(subject, config);
  const [opening] = isOpened(opened) ? opened.openings : [];
  if (opening === undefined) throw new Error('opens nothing');
  return narrowTo(key, key === 'tier' ? ['web', 'api'] : ['high'], opening, subject, config);
}

describe('the narrowest change', () => {
  it.each<[string, string, object, string]>([
    ['names peers where there are none', 'tier', {}, 'name Pods of tier web or api under "from"'],
    [
      'names Pods instead of addresses',
      'tier',
      { from: [{ ipBlock: { cidr: '10.0.0.0/16' } }] },
      "a private address may be any Pod's, so name Pods of tier web or api instead",
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
