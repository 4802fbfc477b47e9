import { expectedVersion, groupVersionOf } from '../kubernetes/kinds.ts';
import type { Labels } from '../kubernetes/labels.ts';
import { readLabels } from '../kubernetes/labels.ts';
import { metadataNameLabel } from '../kubernetes/namespaces.ts';
import type { OtherWorkload } from '../kubernetes/other-workloads.ts';
import { formatSteps, mayMakePods, podTemplatesOf, typeOf } from '../kubernetes/pod-templates.ts';
import { controllerIn, listAt, textAt, valueAt } from '../kubernetes/raw-object.ts';
import { type Address, readAddress } from './address.ts';
import { type OtherPolicy, readOtherPolicy } from './other-policies.ts';
import { readPolicy } from './read.ts';
import { readTieredPolicy } from './read-tiered.ts';
import type { Policy, Protocol } from './rules.ts';
import { dialects } from './tiered-dialect.ts';
import type { Node, TieredPolicy } from './tiered-policy.ts';
import { type Owner, ownerKind } from './workload.ts';
import type { Pod } from './world.ts';

/** A field of an object that does not match its Kubernetes type. */
export interface ObjectProblem {
  readonly field: string;
  readonly message: string;
}

/** What one object contributes to the world. */
export type ReadObject =
  | { readonly kind: 'Namespace'; readonly name: string; readonly labels: Labels }
  | { readonly kind: 'Policy'; readonly policy: Policy }
  | { readonly kind: 'Tiered'; readonly policy: TieredPolicy }
  | { readonly kind: 'Node'; readonly name: string; readonly node: Node }
  /** `finished` means Succeeded or Failed: the pod sends and receives nothing. */
  | { readonly kind: 'Pod'; readonly pod: Pod; readonly owner: Owner | undefined; readonly finished: boolean }
  | ReadWorkload
  | ReadOther;

/**
 * The pods that the templates make: one for each. The name is `kind/name`, with the path of the
 * template if there are several. `idle` is set if the workload makes no pods.
 */
export interface ReadWorkload {
  readonly kind: 'Workload';
  readonly namespace: string;
  readonly self: Owner;
  readonly pods: readonly Pod[];
  readonly owner: Owner | undefined;
  readonly idle: boolean;
}

/** Any other kind. */
export interface ReadOther {
  readonly kind: 'Other';
  /** `apiVersion Kind`. */
  readonly name: string;
  readonly namespace: string;
  readonly self: Owner;
  readonly owner: Owner | undefined;
  /** What it selects, if it is a policy of another kind. What it allows is not read. */
  readonly policy: OtherPolicy | undefined;
  /** Whether nothing is known of this kind, so that it may have pods. */
  readonly isUnknown: boolean;
}

/**
 * Reads a core/v1 Namespace, Pod or Node, a networking.k8s.io/v1 NetworkPolicy, a policy of
 * policy.networking.k8s.io, or any object with a pod template (see {@link podTemplatesOf}), in wire
 * form. An object without a namespace is in `default`. Returns every problem and never throws.
 */
export function readObject(
  object: unknown,
  workloads: readonly OtherWorkload[] = [],
): ReadObject | { readonly problems: readonly ObjectProblem[] } {
  const problems: ObjectProblem[] = [];
  const kind = textAt(object, 'kind') ?? '';
  const type = `${textAt(object, 'apiVersion') ?? ''} ${kind}`;
  const namespace = textAt(object, 'metadata', 'namespace') ?? 'default';
  const name = textAt(object, 'metadata', 'name') ?? '';
  const read = readKind();
  if (read.kind !== 'Other' && name === '') problems.push({ field: 'metadata.name', message: 'is missing' });
  return problems.length > 0 ? { problems } : read;

  function refused(found: readonly ObjectProblem[]): ReadObject {
    for (const { field, message } of found) problems.push({ field, message });
    return readOther();
  }

  function readKind(): ReadObject {
    if (type === 'v1 Namespace') {
      const labels = labelsOf(object, '', problems);
      return { kind: 'Namespace', name, labels: new Map([...labels, [metadataNameLabel, name]]) };
    }
    if (type === 'networking.k8s.io/v1 NetworkPolicy') {
      const result = readPolicy(valueAt(object, 'spec'), { namespace, name });
      if ('policy' in result) return { kind: 'Policy', policy: result.policy };
      return refused(result.problems);
    }
    const dialect = dialects.get(type);
    if (dialect !== undefined) {
      const result = readTieredPolicy(valueAt(object, 'spec'), name, dialect);
      return 'policy' in result ? { kind: 'Tiered', policy: result.policy } : refused(result.problems);
    }
    if (type === 'v1 Node') return { kind: 'Node', name, node: readNode(object, problems) };
    if (type === 'v1 Pod') {
      const phase = textAt(object, 'status', 'phase');
      const pod = readPod(object, { namespace, name }, '', problems);
      const status = readStatus(object, problems);
      return {
        kind: 'Pod',
        pod: { ...pod, ...status },
        owner: ownerOf(object),
        finished: phase === 'Succeeded' || phase === 'Failed',
      };
    }
    const self: Owner = { kind: ownerKind(typeOf(object)), name };
    const templates = podTemplatesOf(object, workloads);
    if (templates.length === 0) return readOther();
    const pods = templates.map(({ path, template }) => {
      const field = formatSteps(path);
      const full = `${self.kind}/${name}${templates.length === 1 ? '' : ` (${field})`}`;
      return readPod(template, { namespace, name: full }, `${field}.`, problems);
    });
    return { kind: 'Workload', namespace, self, pods, owner: ownerOf(object), idle: isIdle(object) };
  }

  function readOther(): ReadOther {
    const policy = readOtherPolicy(object);
    const expected = policy === undefined ? expectedVersion(typeOf(object)) : undefined;
    if (expected !== undefined) problems.push(wrongVersion(object, expected));
    const isUnknown = mayMakePods(object);
    const self = { kind: ownerKind(typeOf(object)), name };
    return { kind: 'Other', name: type, namespace, self, owner: ownerOf(object), policy, isUnknown };
  }
}

/** A Namespace, Pod or NetworkPolicy of a version that no API server serves. */
function wrongVersion(object: unknown, expected: string): ObjectProblem {
  const found = textAt(object, 'apiVersion');
  const message = found === undefined ? `is missing: it must be ${expected}` : `${quote(found)} is not ${expected}`;
  return { field: 'apiVersion', message };
}

/** A workload of Kubernetes or of most projects has replicas. KubeVirt stops a machine by name. */
function isIdle(object: unknown): boolean {
  const spec = valueAt(object, 'spec');
  return (
    valueAt(spec, 'replicas') === 0 || valueAt(spec, 'running') === false || textAt(spec, 'runStrategy') === 'Halted'
  );
}

/** core/v1 NodeStatus: an address may also be a host name. */
function readNode(object: unknown, problems: ObjectProblem[]): Node {
  const texts = listAt(object, 'status', 'addresses').map((entry) => textAt(entry, 'address') ?? '');
  return { labels: labelsOf(object, '', problems), addresses: texts.flatMap((text) => readAddress(text) ?? []) };
}

function readPod(
  object: unknown,
  names: { readonly namespace: string; readonly name: string },
  prefix: string,
  problems: ObjectProblem[],
): Pod {
  return {
    ...names,
    labels: labelsOf(object, prefix, problems),
    addresses: [],
    hostNetwork: valueAt(object, 'spec', 'hostNetwork') === true,
    nodeAddresses: [],
    ports: readPorts(object),
  };
}

/**
 * The ports of containers and of sidecars (init containers with `restartPolicy: Always`). A port
 * without a name is included too, although no policy can call it by name.
 */
function readPorts(object: unknown): Pod['ports'] {
  const sidecars = listAt(object, 'spec', 'initContainers').filter((one) => textAt(one, 'restartPolicy') === 'Always');
  return [...listAt(object, 'spec', 'containers'), ...sidecars].flatMap((container) =>
    listAt(container, 'ports').flatMap((entry) => {
      const port = valueAt(entry, 'containerPort');
      const protocol = textAt(entry, 'protocol') ?? 'TCP';
      if (typeof port !== 'number' || !isProtocol(protocol)) return [];
      return [{ name: textAt(entry, 'name') ?? '', protocol, port }];
    }),
  );
}

function readStatus(object: unknown, problems: ObjectProblem[]): Pick<Pod, 'addresses' | 'nodeAddresses'> {
  return {
    addresses: readAddresses(object, 'podIP', 'podIPs', problems),
    nodeAddresses: readAddresses(object, 'hostIP', 'hostIPs', problems),
  };
}

/** core/v1 PodStatus: `podIPs[0].ip` and `podIP` are the same address. */
function readAddresses(object: unknown, single: string, plural: string, problems: ObjectProblem[]): readonly Address[] {
  const listed = listAt(object, 'status', plural).map((entry) => textAt(entry, 'ip') ?? '');
  const texts = listed.length > 0 ? listed : [textAt(object, 'status', single) ?? ''];
  return texts.flatMap((text) => {
    if (text === '') return [];
    const address = readAddress(text);
    if (address !== undefined) return [address];
    problems.push({ field: `status.${single}`, message: `${quote(text)} is not an IP address` });
    return [];
  });
}

function labelsOf(holder: unknown, prefix: string, problems: ObjectProblem[]): Labels {
  const read = readLabels(holder, prefix);
  problems.push(...read.problems.map(({ field, expected }) => ({ field, message: `is not ${expected}` })));
  return read.labels;
}

/** meta/v1 OwnerReference: an object has at most one controller. */
function ownerOf(object: unknown): Owner | undefined {
  const reference = controllerIn(valueAt(object, 'metadata', 'ownerReferences'));
  const [kind, name] = [textAt(reference, 'kind'), textAt(reference, 'name')];
  const { group } = groupVersionOf(textAt(reference, 'apiVersion') ?? '');
  return kind === undefined || name === undefined ? undefined : { kind: ownerKind({ group, kind }), name };
}

function isProtocol(text: string): text is Protocol {
  return text === 'TCP' || text === 'UDP' || text === 'SCTP';
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 60));
}
