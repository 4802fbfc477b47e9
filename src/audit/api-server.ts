import { desiredBaseline } from '../baseline/desired.ts';
import type { Config } from '../config/config.ts';
import type { LoadedDocument } from '../documents/document.ts';
import { listAt, own, textAt, valueAt } from '../kubernetes/raw-object.ts';
import { type Address, readAddress } from '../network/address.ts';
import { createEvaluator } from '../network/evaluator.ts';
import { createInventory } from '../network/inventory.ts';
import { readPolicy } from '../network/read.ts';
import { isBehind, podPort } from '../network/service.ts';
import type { Pod } from '../network/world.ts';

/** An object by which the API server calls a Service. */
export interface Caller {
  readonly kind:
    | 'ValidatingWebhookConfiguration'
    | 'MutatingWebhookConfiguration'
    | 'CustomResourceDefinition'
    | 'APIService';
  readonly name: string;
}

/**
 * What becomes of the calls. `open`: they arrive, behind the fence too. `would-be-cut`: a fence on
 * the namespace cuts them. `cut`: the namespace is fenced, and no policy lets them in.
 */
export type CallFate = 'open' | 'would-be-cut' | 'cut' | 'undecided';

/** The calls of the API server to one port of a Service. */
export interface ApiServerCalls {
  readonly namespace: string;
  readonly service: string;
  /** The port of the Service. */
  readonly port: number;
  readonly callers: readonly Caller[];
  readonly fate: CallFate;
  /** Why, in a clause. */
  readonly reason: string;
}

/** What is known about the namespaces to which the calls go. */
export interface CallFacts {
  /** The documents of each namespace, by its name. */
  readonly documentsOf: (namespace: string) => readonly LoadedDocument[];
  /** The policies and namespaces that concern every namespace. */
  readonly clusterWide: readonly LoadedDocument[];
  readonly isFenced: (namespace: string) => boolean;
}

/**
 * The calls of the API server into namespaces: to validating, mutating and conversion webhooks
 * (admissionregistration.k8s.io/v1, apiextensions.k8s.io/v1) and to aggregated APIs
 * (apiregistration.k8s.io/v1), where they name a Service. Each is judged as if its namespace were
 * fenced, by the baseline of the configuration and the policies that are there.
 */
export function apiServerCalls(
  documents: readonly LoadedDocument[],
  facts: CallFacts,
  config: Config,
): readonly ApiServerCalls[] {
  const addresses = addressesOf(documents);
  const targets = Map.groupBy(
    documents.flatMap(({ object }) => targetsIn(object)),
    ({ namespace, service, port }) => `${namespace}/${service} ${port}`,
  );
  return [...targets.values()].flatMap((same) => {
    const [target] = same;
    if (target === undefined) return [];
    const { caller: _, ...place } = target;
    const callers = [...new Map(same.map(({ caller }) => [`${caller.kind} ${caller.name}`, caller])).values()];
    const { open, reason } = judge(place, addresses, facts, config);
    const cut = facts.isFenced(place.namespace) ? 'cut' : 'would-be-cut';
    const fate = open === undefined ? 'undecided' : open ? 'open' : cut;
    return [{ ...place, callers, fate, reason }];
  });
}

interface Target {
  readonly namespace: string;
  readonly service: string;
  readonly port: number;
}

/** The calls that one object makes the API server make. */
function targetsIn(object: unknown): readonly (Target & { readonly caller: Caller })[] {
  const kind = textAt(object, 'kind');
  const named = (caller: Caller['kind'], services: readonly unknown[]) =>
    services.flatMap((service) => {
      const [namespace, name] = [textAt(service, 'namespace'), textAt(service, 'name')];
      if (namespace === undefined || name === undefined) return [];
      const port = own(service, 'port');
      return [
        {
          namespace,
          service: name,
          // The default in all four places.
          port: typeof port === 'number' ? port : 443,
          caller: { kind: caller, name: textAt(object, 'metadata', 'name') ?? '' },
        },
      ];
    });
  switch (kind) {
    case 'ValidatingWebhookConfiguration':
    case 'MutatingWebhookConfiguration':
      return named(
        kind,
        listAt(object, 'webhooks').map((one) => valueAt(one, 'clientConfig', 'service')),
      );
    case 'CustomResourceDefinition':
      return named(kind, [valueAt(object, 'spec', 'conversion', 'webhook', 'clientConfig', 'service')]);
    case 'APIService':
      return named(kind, [valueAt(object, 'spec', 'service')]);
    default:
      return [];
  }
}

/** The addresses of the API servers: the EndpointSlice of the Service default/kubernetes. */
function addressesOf(documents: readonly LoadedDocument[]): readonly Address[] {
  return documents.flatMap(({ object }) => {
    const isOurs =
      textAt(object, 'kind') === 'EndpointSlice' &&
      textAt(object, 'metadata', 'namespace') === 'default' &&
      textAt(object, 'metadata', 'labels', 'kubernetes.io/service-name') === 'kubernetes';
    if (!isOurs) return [];
    return listAt(object, 'endpoints')
      .flatMap((endpoint) => listAt(endpoint, 'addresses'))
      .flatMap((text) => readAddress(String(text)) ?? []);
  });
}

/** Whether the calls arrive behind the fence; undefined if that cannot be decided. */
interface Judged {
  readonly open: boolean | undefined;
  readonly reason: string;
}

function judge(
  { namespace, service: name, port }: Target,
  addresses: readonly Address[],
  facts: CallFacts,
  config: Config,
): Judged {
  const undecided = (reason: string): Judged => ({ open: undefined, reason });
  const taker = createInventory(config.workloads);
  const documents = facts.documentsOf(namespace);
  for (const { object, file, line } of [...facts.clusterWide, ...documents]) taker.add(object, `${file}:${line}`);
  const labels = taker.namespaces().get(namespace);
  if (labels === undefined) return undecided(`there is no namespace ${namespace}`);
  taker.addMissing(
    desiredBaseline({ name: namespace, labels }, config).flatMap(({ metadata, spec }) => {
      const read = readPolicy(spec, { namespace, name: metadata.name ?? '' });
      return 'policy' in read ? [read.policy] : [];
    }),
  );
  const { world, services } = taker.take();
  const service = services.get(`${namespace}/${name}`);
  if (service === undefined) return undecided(`there is no Service ${namespace}/${name}`);
  if (service.selector === undefined) return undecided('the Service has no selector');
  const pods = world.pods.filter((pod) => pod.namespace === namespace && isBehind(service, pod.labels));
  if (pods.length === 0) return undecided('the Service selects no Pod');
  if (pods.every(({ hostNetwork }) => hostNetwork))
    return { open: true, reason: 'its Pods use the network of their node, where no policy holds' };
  const target = service.ports.find((one) => one.port === port);
  if (target === undefined) return undecided(`the Service has no port ${port}`);
  if (addresses.length === 0) return undecided('the addresses of the API server are not known');
  const { answer } = createEvaluator(world);
  const answers = pods
    .filter(({ hostNetwork }) => !hostNetwork)
    .flatMap((pod) => {
      const number = podPort(target, pod);
      if (number === undefined) return [];
      return addresses.map((address) => ({
        pod,
        ...answer({ from: { address }, to: { pod }, protocol: 'TCP', port: number }),
      }));
    });
  if (answers.length === 0) return undecided(`its Pods have no port ${String(target.target)}`);
  const denied = answers.find(({ verdict }) => verdict === 'denied');
  if (denied !== undefined)
    return { open: false, reason: `no policy lets the API server in to ${nameOf(denied.pod)} on the port of the Pod` };
  const doubt = answers.find(({ verdict }) => verdict === 'undefined');
  if (doubt !== undefined) return undecided(doubt.because ?? `policies do not decide about ${nameOf(doubt.pod)}`);
  const by = answers.flatMap(({ ingress, because }) => {
    if (because !== undefined) return [because];
    return ingress !== undefined && 'allowedBy' in ingress ? ingress.allowedBy.map(({ policy }) => policy.name) : [];
  });
  return { open: true, reason: by.length === 0 ? 'policies let it in' : `let in by ${[...new Set(by)].join(', ')}` };
}

function nameOf({ namespace, name }: Pod): string {
  return `${namespace}/${name}`;
}
