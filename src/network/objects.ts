import type { Labels } from '../kubernetes/labels.ts';
import { readLabels } from '../kubernetes/labels.ts';
import { metadataNameLabel } from '../kubernetes/namespaces.ts';
import { controllerIn, listAt, textAt, valueAt } from '../kubernetes/raw-object.ts';
import { type Address, readAddress } from './address.ts';
import { readPolicy } from './read.ts';
import { readTieredPolicy } from './read-tiered.ts';
import type { Policy, Protocol } from './rules.ts';
import { dialects } from './tiered-dialect.ts';
import type { Node, TieredPolicy } from './tiered-policy.ts';
import { type Owner, templateOf } from './workload.ts';
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
  /**
   * The pod that the template makes, named `kind/name`. `idle` is set if the workload makes no
   * pods.
   */
  | {
      readonly kind: 'Workload';
      readonly self: Owner;
      readonly pod: Pod;
      readonly owner: Owner | undefined;
      readonly idle: boolean;
    }
  /**
   * Any other kind. `CiliumNetworkPolicy` and similar kinds also decide about traffic, but are not
   * read.
   */
  | { readonly kind: 'Other'; readonly name: string };

/**
 * Reads a core/v1 Namespace, Pod or Node, a networking.k8s.io/v1 NetworkPolicy, a policy of
 * policy.networking.k8s.io, or a workload of apps/v1, batch/v1 or core/v1, in wire form. An object
 * without a namespace is in `default`. Returns every problem and never throws.
 */
export function readObject(object: unknown): ReadObject | { readonly problems: readonly ObjectProblem[] } {
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
    return { kind: 'Other', name: type };
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
    const template = templateOf(object);
    if (template === undefined) return { kind: 'Other', name: type };
    const self: Owner = { kind: kind.toLowerCase(), name };
    return {
      kind: 'Workload',
      self,
      pod: readPod(template.pod, { namespace, name: `${self.kind}/${name}` }, `${template.field}.`, problems),
      owner: ownerOf(object),
      idle: valueAt(object, 'spec', 'replicas') === 0,
    };
  }
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
    problems.push({ field: `status.${single}`, message: `${JSON.stringify(text.slice(0, 60))} is not an IP address` });
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
  return kind === undefined || name === undefined ? undefined : { kind: kind.toLowerCase(), name };
}

function isProtocol(text: string): text is Protocol {
  return text === 'TCP' || text === 'UDP' || text === 'SCTP';
}
