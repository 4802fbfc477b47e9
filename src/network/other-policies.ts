import type { Labels } from '../kubernetes/labels.ts';
import { findOtherPolicyKind, type OtherPolicyKind } from '../kubernetes/other-policies.ts';
import { typeOf } from '../kubernetes/pod-templates.ts';
import { isObject, listAt, own, textAt, valueAt } from '../kubernetes/raw-object.ts';
import {
  everyPod,
  type OtherSubject,
  readEndpointSelector,
  readExpression,
  readSelector,
  readSubject,
} from './other-selector.ts';
import type { Direction } from './rules.ts';
import { selects } from './selector.ts';
import type { Pod } from './world.ts';

/** A policy of another kind: whom it is about. What it allows and denies is not read. */
export interface OtherPolicy {
  readonly kind: OtherPolicyKind;
  /** Undefined for a policy of the whole cluster. */
  readonly namespace: string | undefined;
  readonly name: string;
  readonly directions: readonly Direction[];
  /** The namespace from which it selects. Undefined means all namespaces. */
  readonly scope: string | undefined;
  /** What it selects: the union of these. Undefined if its form is not known. */
  readonly subjects: readonly OtherSubject[] | undefined;
  /** What it says, to compare it with another. */
  readonly content: string;
}

/** Reads a policy of the table of other kinds, in any version. Undefined for any other object. */
export function readOtherPolicy(object: unknown): OtherPolicy | undefined {
  const type = typeOf(object);
  const kind = findOtherPolicyKind(type.group, type.kind);
  if (kind === undefined) return undefined;
  const namespace = kind.scope === 'Cluster' ? undefined : (textAt(object, 'metadata', 'namespace') ?? 'default');
  const spec = own(object, 'spec');
  const subjects = (readers[`${kind.group} ${kind.kind}`] ?? unknownForm)(object);
  const { metadata: _, status: __, ...content } = isObject(object) ? object : {};
  return {
    kind,
    namespace,
    name: textAt(object, 'metadata', 'name') ?? '',
    directions: kind.direction === undefined ? directionsOf(object) : [kind.direction],
    scope: isForAll(kind, namespace) ? undefined : namespace,
    subjects: subjects.every((one) => one !== undefined) && isObject(spec ?? {}) ? subjects : undefined,
    content: JSON.stringify(content),
  };
}

/** Whether a policy selects a pod: `maybe` if the form of its selector is not known. */
export function selectsPod(policy: OtherPolicy, pod: Pod, namespaceLabels: Labels): 'yes' | 'no' | 'maybe' {
  if (policy.scope !== undefined && policy.scope !== pod.namespace) return 'no';
  if (policy.subjects === undefined) return 'maybe';
  const isSelected = policy.subjects.some(
    ({ namespaceSelector, podSelector }) =>
      selects(namespaceSelector, namespaceLabels) && selects(podSelector, pod.labels),
  );
  return isSelected ? 'yes' : 'no';
}

/** Reads what an object selects. An undefined entry has a form that is not known. */
type SubjectReader = (object: unknown) => readonly (OtherSubject | undefined)[];

const unknownForm: SubjectReader = () => [undefined];
const wholeNamespace: SubjectReader = () => [everyPod];

const byPodSelector: SubjectReader = (object) => [
  isObject(valueAt(object, 'spec', 'podSelector')) ? readSubject(valueAt(object, 'spec')) : undefined,
];

/** `subject.namespaces` or `subject.pods` (network-policy-api v0.3.0, types.go). */
const bySubject: SubjectReader = (object) => {
  const subject = valueAt(object, 'spec', 'subject');
  if (isObject(own(subject, 'pods'))) return [readSubject(own(subject, 'pods'))];
  const namespaceSelector = isObject(own(subject, 'namespaces')) ? readSelector(own(subject, 'namespaces')) : undefined;
  return [namespaceSelector && { ...everyPod, namespaceSelector }];
};

/** A rule with `nodeSelector` selects nodes and no Pods. */
const byEndpoints: SubjectReader = (object) =>
  rulesOf(object).flatMap((rule) =>
    own(rule, 'nodeSelector') === undefined ? [readEndpointSelector(own(rule, 'endpointSelector'))] : [],
  );

const byExpression: SubjectReader = (object) => {
  const spec = own(object, 'spec');
  const podSelector = readExpression(own(spec, 'selector'));
  const isSimple = own(spec, 'serviceAccountSelector') === undefined && own(spec, 'namespaceSelector') === undefined;
  return [podSelector && isSimple ? { ...everyPod, podSelector } : undefined];
};

/** `appliedTo` of the policy, or of each of its rules (antrea.io, "Antrea Network Policy CRDs"). */
const byAppliedTo: SubjectReader = (object) => {
  const spec = own(object, 'spec');
  const rules = [...listAt(spec, 'ingress'), ...listAt(spec, 'egress')];
  return [spec, ...rules]
    .flatMap((holder) => listAt(holder, 'appliedTo'))
    .map((entry) =>
      isObject(entry) && Object.keys(entry).every((key) => key === 'podSelector' || key === 'namespaceSelector')
        ? readSubject(entry)
        : undefined,
    );
};

/** Without a selector and without targets, a policy is about its whole namespace. */
const byMeshSelector: SubjectReader = (object) => {
  const spec = own(object, 'spec');
  const isTargeted = own(spec, 'targetRef') !== undefined || own(spec, 'targetRefs') !== undefined;
  const podSelector = isTargeted ? undefined : readSelector(own(spec, 'selector'));
  return [podSelector && { ...everyPod, podSelector }];
};

const calico = ['projectcalico.org', 'crd.projectcalico.org'].flatMap((group) =>
  ['NetworkPolicy', 'GlobalNetworkPolicy'].map((kind) => [`${group} ${kind}`, byExpression] as const),
);

const readers: Readonly<Record<string, SubjectReader>> = {
  ...Object.fromEntries(calico),
  'cilium.io CiliumNetworkPolicy': byEndpoints,
  'cilium.io CiliumClusterwideNetworkPolicy': byEndpoints,
  'policy.networking.k8s.io ClusterNetworkPolicy': bySubject,
  'policy.networking.k8s.io AdminNetworkPolicy': bySubject,
  'policy.networking.k8s.io BaselineAdminNetworkPolicy': bySubject,
  'crd.antrea.io NetworkPolicy': byAppliedTo,
  'crd.antrea.io ClusterNetworkPolicy': byAppliedTo,
  'networking.k8s.aws ClusterNetworkPolicy': bySubject,
  'networking.k8s.aws ApplicationNetworkPolicy': byPodSelector,
  'vpcresources.k8s.aws SecurityGroupPolicy': byPodSelector,
  'networking.gke.io FQDNNetworkPolicy': byPodSelector,
  'k8s.cni.cncf.io MultiNetworkPolicy': byPodSelector,
  'k8s.ovn.org EgressFirewall': wholeNamespace,
  'network.openshift.io EgressNetworkPolicy': wholeNamespace,
  'security.istio.io AuthorizationPolicy': byMeshSelector,
  'policy.linkerd.io Server': byPodSelector,
};

/** A CiliumNetworkPolicy has one rule in `spec`, several in `specs`, or both. */
function rulesOf(object: unknown): readonly unknown[] {
  const spec = own(object, 'spec');
  return [...(spec === undefined ? [] : [spec]), ...listAt(object, 'specs')];
}

/**
 * The directions that a policy speaks of: those of its types (Calico, Kubernetes), or else those in
 * which it has rules. A policy without any may speak of both.
 */
function directionsOf(object: unknown): readonly Direction[] {
  const spoken = rulesOf(object).flatMap((rule) => {
    const types = [...listAt(rule, 'types'), ...listAt(rule, 'policyTypes')].map((type) => String(type).toLowerCase());
    if (types.length > 0) return types;
    return ['ingress', 'egress'].filter((section) => isSpoken(rule, section));
  });
  const directions = (['ingress', 'egress'] as const).filter((direction) => spoken.includes(direction));
  return directions.length === 0 ? ['ingress', 'egress'] : directions;
}

/** Calico isolates the direction of a section that is there, even if it is empty. */
function isSpoken(rule: unknown, section: string): boolean {
  const isDefault = valueAt(rule, 'enableDefaultDeny', section) === true;
  return own(rule, section) !== undefined || own(rule, `${section}Deny`) !== undefined || isDefault;
}

/**
 * A policy of Istio's root namespace is about the whole mesh. Consul and Kuma select services, from
 * wherever the policy is.
 */
function isForAll({ group }: OtherPolicyKind, namespace: string | undefined): boolean {
  return (
    (group === 'security.istio.io' && namespace === 'istio-system') ||
    group === 'consul.hashicorp.com' ||
    group === 'kuma.io'
  );
}
