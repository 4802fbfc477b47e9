import { describe, expect, it } from 'vitest';
import { kindOf, kinds } from '../../src/kubernetes/kinds.ts';
import { openingKindOf, openingKinds, otherPolicyKinds } from '../../src/kubernetes/other-policies.ts';
import { otherPolicyRules } from '../../src/kubernetes/rules.ts';

describe('the table of other policies', () => {
  it('has each resource of a group once, and none of Kubernetes itself', () => {
    const resources = otherPolicyKinds.map(({ group, resource }) => `${group}/${resource}`);
    expect(new Set(resources).size).toBe(resources.length);
    const own = new Set(kinds.map(({ group }) => group));
    expect(otherPolicyKinds.filter(({ group }) => own.has(group))).toEqual([]);
    expect(otherPolicyKinds.filter(({ group, kind }) => kindOf({ group, version: 'v1', kind }) !== undefined)).toEqual(
      [],
    );
  });

  it.each([
    ['cilium.io', 'ciliumnetworkpolicies'],
    ['cilium.io', 'ciliumclusterwidenetworkpolicies'],
    ['projectcalico.org', 'networkpolicies'],
    ['crd.projectcalico.org', 'globalnetworkpolicies'],
    ['policy.networking.k8s.io', 'clusternetworkpolicies'],
    ['policy.networking.k8s.io', 'adminnetworkpolicies'],
    ['policy.networking.k8s.io', 'baselineadminnetworkpolicies'],
    ['crd.antrea.io', 'networkpolicies'],
    ['crd.antrea.io', 'clusternetworkpolicies'],
    ['networking.k8s.aws', 'clusternetworkpolicies'],
  ])('knows %s/%s as opening', (group, resource) => {
    expect(openingKindOf({ group, resource })).toMatchObject({ group, resource, opens: true });
  });

  it.each([
    ['Kubernetes’ own NetworkPolicies', { group: 'networking.k8s.io', resource: 'networkpolicies' }],
    ['what Calico only stages', { group: 'projectcalico.org', resource: 'stagednetworkpolicies' }],
    ['what a mesh narrows', { group: 'security.istio.io', resource: 'authorizationpolicies' }],
    ['what is derived', { group: 'networking.k8s.aws', resource: 'policyendpoints' }],
    ['a core resource', { resource: 'networkpolicies' }],
    ['a name that every object has', { group: 'cilium.io', resource: 'constructor' }],
  ])('does not take %s for one that opens', (_, resource) => {
    expect(openingKindOf(resource)).toBeUndefined();
  });

  it('is asked about whole, in every version', () => {
    const rules = [...otherPolicyRules('Namespaced'), ...otherPolicyRules('Cluster')];
    const asked = rules.flatMap(({ apiGroups, resources, scope }) =>
      resources.map((resource) => `${scope} ${apiGroups[0]}/${resource}`),
    );
    expect(new Set(asked)).toEqual(new Set(openingKinds.map((one) => `${one.scope} ${one.group}/${one.resource}`)));
    expect(new Set(rules.flatMap(({ apiVersions }) => apiVersions))).toEqual(new Set(['*']));
    expect(new Set(rules.flatMap(({ operations }) => operations))).toEqual(new Set(['CREATE', 'UPDATE']));
  });
});
