import type { Location, Step, StoredObject } from './ports.ts';

/** A kind of object: its name, and the path that serves it. */
export interface Kind {
  readonly kind: string;
  readonly api: string;
  readonly resource: string;
}

export const namespaceKind: Kind = { kind: 'Namespace', api: '/api/v1', resource: 'namespaces' };

export const networkPolicyKind: Kind = {
  kind: 'NetworkPolicy',
  api: '/apis/networking.k8s.io/v1',
  resource: 'networkpolicies',
};

export const clusterRoleKind = rbac('ClusterRole');
export const clusterRoleBindingKind = rbac('ClusterRoleBinding');
export const roleBindingKind = rbac('RoleBinding');

export const webhookConfigurationKinds: readonly Kind[] = [
  admission('ValidatingWebhookConfiguration'),
  admission('MutatingWebhookConfiguration'),
];

/**
 * Bindings come first, because a policy without a binding has no effect. Older clusters do not
 * serve all of these kinds.
 */
export const admissionPolicyKinds: readonly Kind[] = [
  admission('ValidatingAdmissionPolicyBinding'),
  admission('MutatingAdmissionPolicyBinding'),
  { ...admission('ValidatingAdmissionPolicy'), resource: 'validatingadmissionpolicies' },
  { ...admission('MutatingAdmissionPolicy'), resource: 'mutatingadmissionpolicies' },
];

/** An object together with its kind, which the items of a list do not contain. */
export interface Found {
  readonly kind: Kind;
  readonly object: StoredObject;
}

export function nameOf({ object }: Found): string {
  return object.metadata.name ?? '';
}

export function namespaceOf({ object }: Found): string {
  return object.metadata.namespace ?? '';
}

export function locationOf({ kind, object }: Found): Location {
  const { name = '', namespace } = object.metadata;
  return { api: kind.api, resource: kind.resource, name, ...(namespace === undefined ? {} : { namespace }) };
}

export function stepOf(action: Step['action'], { kind, object }: Found, detail?: string): Step {
  const { name = '', namespace } = object.metadata;
  return {
    action,
    kind: kind.kind,
    ...(namespace === undefined ? {} : { namespace }),
    name,
    ...(detail === undefined ? {} : { detail }),
  };
}

function rbac(kind: string): Kind {
  return { kind, api: '/apis/rbac.authorization.k8s.io/v1', resource: `${kind.toLowerCase()}s` };
}

function admission(kind: string): Kind {
  return { kind, api: '/apis/admissionregistration.k8s.io/v1', resource: `${kind.toLowerCase()}s` };
}
