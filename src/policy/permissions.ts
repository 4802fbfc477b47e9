import type { RuleText } from './check.ts';

/**
 * What the guards ask of Kubernetes, beside the checks, which ask nobody. Each is answered by a SubjectAccessReview on a virtual,
 * cluster-scoped resource of the group ringfence.dev, so that plain RBAC grants it: a Role in a namespace does not.
 */
export const permissionGroup = 'ringfence.dev';

/** `fences` are named by the namespace, `identities` by `KEY:VALUE`. */
export type Permission =
  | { readonly resource: 'fences'; readonly verb: FenceVerb; readonly name: string }
  | { readonly resource: 'identities'; readonly verb: 'claim'; readonly name: string };

export type FenceVerb = 'fence' | 'relabel' | 'lower' | 'breach' | 'exempt';

/** A permission as people and audit lines name it: `claim identities/team:shop`. */
export function permissionText({ verb, resource, name }: Permission): string {
  return `${verb} ${resource}/${name}`;
}

/** The rules that are findings under the mode that held before the request: a cap may soften them. */
export const permissionRules = {
  claim: {
    id: 'claim',
    rule: 'Who gives a namespace an identity label, at its creation or later, holds `claim` on `identities.ringfence.dev` named `KEY:VALUE`.',
    remedy: 'Have the permission granted by RBAC, or use an identity that is yours to claim.',
    cap: 'enforce',
  },
  exempt: {
    id: 'exempt',
    rule: 'Who creates a namespace whose name the configuration exempts, or names as a peer, holds `exempt` on `fences.ringfence.dev` of that name.',
    remedy: 'Have the permission granted by RBAC, or use another name.',
    cap: 'enforce',
  },
  fence: {
    id: 'fence',
    rule: 'Who puts the fence mark on an existing namespace holds `fence` on `fences.ringfence.dev` of its name.',
    remedy: 'Have the permission granted by RBAC; a deny-all on running Pods is to be planned.',
    cap: 'enforce',
  },
  relabel: {
    id: 'relabel',
    rule: 'Who adds, changes or removes an identity label of an existing namespace holds `relabel` on `fences.ringfence.dev` of its name.',
    remedy: 'Have the permission granted by RBAC.',
    cap: 'enforce',
  },
} as const satisfies Readonly<Record<string, RuleText>>;

/** The rules that hold in every mode, whatever the configuration says. */
export const guardRules = {
  lower: {
    id: 'lower',
    rule: 'Who sets a milder mode on a namespace, or takes the fence mark away, holds `lower` on `fences.ringfence.dev` of its name. Refused in every mode.',
    remedy: 'Have the permission granted by RBAC.',
    cap: 'enforce',
  },
  'baseline-guard': {
    id: 'baseline-guard',
    rule: 'In a fenced namespace the names of the baseline are reserved for the baseline; who edits or deletes it holds `breach` on `fences.ringfence.dev` of its name. Refused in every mode.',
    remedy: 'Give the NetworkPolicy another name: policies add up, so it allows what it allows under any name.',
    cap: 'enforce',
  },
} as const satisfies Readonly<Record<string, RuleText>>;
