import type { RuleText } from './check.ts';

/**
 * The API group of the virtual resources on which permissions are granted. A SubjectAccessReview
 * answers each question of the guards, so plain RBAC grants a permission. The resources are
 * cluster-scoped, so a Role in a namespace cannot grant one.
 */
export const permissionGroup = 'ringfence.dev';

/** The name of a fence is that of its namespace. The name of an identity is `KEY:VALUE`. */
export type Permission =
  | { readonly resource: 'fences'; readonly verb: FenceVerb; readonly name: string }
  | { readonly resource: 'identities'; readonly verb: 'claim'; readonly name: string };

export type FenceVerb = 'fence' | 'relabel' | 'lower' | 'breach' | 'exempt' | 'open';

/** Formats a permission for people and audit lines: `claim identities/team:shop`. */
export function permissionText({ verb, resource, name }: Permission): string {
  return `${verb} ${resource}/${name}`;
}

/**
 * The permissions whose absence is a finding. A cap may soften them. `fence` and `exempt` are
 * judged under the mode before the request, `claim` and `relabel` under the stricter of that mode
 * and the cluster's.
 */
export const permissionRules = {
  claim: {
    id: 'claim',
    rule: 'To give a namespace an identity label, at its creation or later, a user needs `claim` on `identities.ringfence.dev` named `KEY:VALUE`.',
    remedy: 'Ask for the permission in RBAC, or use an identity that you may claim.',
    cap: 'enforce',
  },
  exempt: {
    id: 'exempt',
    rule: 'To create a namespace whose name the configuration exempts or gives to a peer, a user needs `exempt` on `fences.ringfence.dev` of that name.',
    remedy: 'Ask for the permission in RBAC, or use another name.',
    cap: 'enforce',
  },
  fence: {
    id: 'fence',
    rule: 'To put the fence mark on an existing namespace, a user needs `fence` on `fences.ringfence.dev` of its name.',
    remedy: 'Ask for the permission in RBAC. Plan the deny-all policy for the running Pods.',
    cap: 'enforce',
  },
  'other-policy': {
    id: 'other-policy',
    rule: 'To create a policy of another kind (Cilium, Calico, ClusterNetworkPolicy and others) in a fenced namespace, or to change what it says, a user needs `open` on `fences.ringfence.dev` of the namespace. For a cluster-scoped kind the name is `*`.',
    remedy: 'Write a NetworkPolicy, or ask for the permission in RBAC.',
    cap: 'enforce',
  },
  relabel: {
    id: 'relabel',
    rule: 'To add, change or remove an identity label of an existing namespace, a user needs `relabel` on `fences.ringfence.dev` of its name.',
    remedy: 'Ask for the permission in RBAC.',
    cap: 'enforce',
  },
} as const satisfies Readonly<Record<string, RuleText>>;

/** The rules that deny in every mode, whatever the configuration says. */
export const guardRules = {
  lower: {
    id: 'lower',
    rule: 'To set a milder mode on a namespace or remove the fence mark, a user needs `lower` on `fences.ringfence.dev` of its name. Refused in every mode.',
    remedy: 'Ask for the permission in RBAC.',
    cap: 'enforce',
  },
  'never-fenced': {
    id: 'never-fenced',
    rule: 'kube-system, kube-public, kube-node-lease and Ringfence’s own namespace never carry the fence mark: a deny-all there could stop the cluster. No permission allows it. Refused in every mode.',
    remedy: 'Do not set the mark.',
    cap: 'enforce',
  },
  trial: {
    id: 'trial',
    rule: 'The annotation `ringfence.dev/trial-until` of a namespace is a time such as `2026-01-31T09:30:00Z`, and the mark is not put on a namespace that carries it already. To set it on a fenced namespace, or to an earlier time, a user needs `lower` on `fences.ringfence.dev` of its name; to a later time, or to remove it, `fence`. Another value is refused in every mode.',
    remedy: 'Use `ringfence fence NAMESPACE --trial 15m`.',
    cap: 'enforce',
  },
  'baseline-guard': {
    id: 'baseline-guard',
    rule: 'In a fenced namespace, the names of the baseline are reserved. To edit or delete the baseline, or to keep it out by a ResourceQuota, a user needs `breach` on `fences.ringfence.dev` of its name. The mark is not put on a namespace where a name of the baseline holds another specification, unless the value of the mark is `replace`. Refused in every mode.',
    remedy: 'Give the NetworkPolicy another name: policies add up, so it allows what it allows under any name.',
    cap: 'enforce',
  },
} as const satisfies Readonly<Record<string, RuleText>>;
