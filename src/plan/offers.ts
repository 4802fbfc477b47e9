import { type Labels, readLabels } from '../kubernetes/labels.ts';
import type { OtherWorkload } from '../kubernetes/other-workloads.ts';
import { podTemplatesOf, typeOf } from '../kubernetes/pod-templates.ts';
import { isObject, listAt, own, recordOf, textAt, valueAt } from '../kubernetes/raw-object.ts';
import { dialects } from '../network/tiered-dialect.ts';
import { ownerKind } from '../network/workload.ts';

/** What the API server calls in the cluster. */
export interface Call {
  /** `ValidatingWebhookConfiguration policies`. */
  readonly by: string;
  readonly namespace: string;
  readonly service: string;
  /** The port of the Service. */
  readonly port: number;
}

/** What Prometheus scrapes: a PodMonitor, a ServiceMonitor, or the annotations of a template. */
export interface Scrape {
  readonly by: string;
  /** The namespaces; undefined means all. */
  readonly namespaces: readonly string[] | undefined;
  /** The raw LabelSelector of the Pods or Services; undefined if `workload` names one. */
  readonly selector: unknown;
  readonly workload: string | undefined;
  readonly of: 'pods' | 'services';
  /** Names or numbers of ports of the Pods or of the Service; empty means every declared port. */
  readonly ports: readonly { readonly port: string | number; readonly isTarget: boolean }[];
}

/** A text of a workload in which the name of a Service may stand. */
export interface Mention {
  /** `namespace/kind/name` of the workload. */
  readonly workload: string;
  readonly namespace: string;
  /** `env API_URL`, `args`, `ConfigMap api-config`. */
  readonly by: string;
  readonly text: string;
}

/** A probe of the kubelet. */
export interface Probe {
  readonly workload: string;
  readonly port: string | number;
}

/** What the manifests say about flows, beside Services and what lets the outside in. */
export interface Offers {
  readonly calls: readonly Call[];
  readonly scrapes: readonly Scrape[];
  readonly mentions: readonly Mention[];
  readonly probes: readonly Probe[];
  /** The labels of Services themselves, by `namespace/name`, which a ServiceMonitor selects. */
  readonly serviceLabels: ReadonlyMap<string, Labels>;
  /** When each Pod was made, by `namespace/name`: RFC 3339. */
  readonly created: ReadonlyMap<string, string>;
  /** The policies as they are written: NetworkPolicies, and those of the tiers around them. */
  readonly policies: readonly unknown[];
  /** The addresses of each Node, and the networks of its Pods. */
  readonly nodes: readonly { readonly addresses: readonly string[]; readonly podCidrs: readonly string[] }[];
}

/** Takes objects in any order. */
export interface OfferTaker {
  add(object: unknown, namespace: string): void;
  take(): Offers;
}

export function createOffers(others: readonly OtherWorkload[] = []): OfferTaker {
  const calls: Call[] = [];
  const scrapes: Scrape[] = [];
  const mentions: (Mention & { readonly configMap?: string; readonly key?: string })[] = [];
  const probes: Probe[] = [];
  const created = new Map<string, string>();
  const policies: unknown[] = [];
  const serviceLabels = new Map<string, Labels>();
  const nodes: Offers['nodes'][number][] = [];
  const configMaps = new Map<string, Readonly<Record<string, unknown>>>();

  return {
    add(object, namespace) {
      const { group, kind } = typeOf(object);
      const name = textAt(object, 'metadata', 'name') ?? '';
      if (group === '' && kind === 'ConfigMap') configMaps.set(`${namespace}/${name}`, recordOf(own(object, 'data')));
      else if (group === '' && kind === 'Service') serviceLabels.set(`${namespace}/${name}`, readLabels(object).labels);
      else if (group === '' && kind === 'Node') nodes.push(readNode(object));
      else if (group === 'monitoring.coreos.com') scrapes.push(...readMonitor(object, kind, namespace, name));
      else calls.push(...readCalls(object, group, kind, name));
      if (kind === 'NetworkPolicy' || dialects.has(`${textAt(object, 'apiVersion') ?? ''} ${kind}`))
        policies.push(object);
      const templates = podTemplatesOf(object, others);
      const isPod = group === '' && kind === 'Pod';
      if (isPod) created.set(`${namespace}/${name}`, textAt(object, 'metadata', 'creationTimestamp') ?? '');
      const workload = isPod ? `${namespace}/${name}` : `${namespace}/${ownerKind({ group, kind })}/${name}`;
      for (const template of isPod ? [object] : templates.map((one) => one.template)) {
        mentions.push(...mentionsIn(template, namespace, workload));
        probes.push(...probesIn(template, workload));
        scrapes.push(...annotatedIn(template, namespace, workload));
      }
    },
    take() {
      const resolved = mentions.flatMap(({ configMap, key, ...mention }): readonly Mention[] => {
        if (configMap === undefined) return [mention];
        const data = configMaps.get(`${mention.namespace}/${configMap}`) ?? {};
        const entries = key === undefined ? Object.entries(data) : [[key, own(data, key)] as const];
        return entries.flatMap(([name, text]) =>
          typeof text === 'string' ? [{ ...mention, by: `${mention.by}, ${name}`, text }] : [],
        );
      });
      return { calls, scrapes, mentions: resolved, probes, created, serviceLabels, policies, nodes };
    },
  };
}

function readNode(object: unknown): Offers['nodes'][number] {
  const addresses = listAt(object, 'status', 'addresses').flatMap((entry) => textAt(entry, 'address') ?? []);
  const cidrs = [...listAt(object, 'spec', 'podCIDRs'), valueAt(object, 'spec', 'podCIDR')];
  return { addresses, podCidrs: cidrs.filter((one) => typeof one === 'string') };
}

/**
 * Webhooks (admissionregistration.k8s.io), conversion webhooks (apiextensions.k8s.io) and API
 * servers behind the API server (apiregistration.k8s.io). The default port is 443 in all of them.
 */
function readCalls(object: unknown, group: string, kind: string, name: string): readonly Call[] {
  const clients =
    group === 'admissionregistration.k8s.io'
      ? listAt(object, 'webhooks').map((webhook) => valueAt(webhook, 'clientConfig', 'service'))
      : group === 'apiextensions.k8s.io'
        ? [valueAt(object, 'spec', 'conversion', 'webhook', 'clientConfig', 'service')]
        : group === 'apiregistration.k8s.io'
          ? [valueAt(object, 'spec', 'service')]
          : [];
  return clients.flatMap((client) => {
    const [namespace, service] = [textAt(client, 'namespace'), textAt(client, 'name')];
    if (namespace === undefined || service === undefined) return [];
    const port = own(client, 'port');
    return [{ by: `${kind} ${name}`, namespace, service, port: typeof port === 'number' ? port : 443 }];
  });
}

/** monitoring.coreos.com/v1 PodMonitor and ServiceMonitor (prometheus-operator, API reference). */
function readMonitor(object: unknown, kind: string, namespace: string, name: string): readonly Scrape[] {
  const of = kind === 'PodMonitor' ? 'pods' : kind === 'ServiceMonitor' ? 'services' : undefined;
  if (of === undefined) return [];
  const spec = own(object, 'spec');
  const named = listAt(spec, 'namespaceSelector', 'matchNames').map(String);
  const isAny = valueAt(spec, 'namespaceSelector', 'any') === true;
  const ports = listAt(spec, of === 'pods' ? 'podMetricsEndpoints' : 'endpoints').flatMap((endpoint) => {
    const target = own(endpoint, 'targetPort') ?? own(endpoint, 'portNumber');
    const port = own(endpoint, 'port') ?? target;
    if (typeof port !== 'string' && typeof port !== 'number') return [];
    return [{ port, isTarget: of === 'pods' || own(endpoint, 'port') === undefined }];
  });
  return [
    {
      by: `${kind} ${namespace}/${name}`,
      namespaces: isAny ? undefined : named.length > 0 ? named : [namespace],
      selector: own(spec, 'selector') ?? {},
      workload: undefined,
      of,
      ports,
    },
  ];
}

/** The annotations that the usual scrape configurations of Prometheus read. */
function annotatedIn(template: unknown, namespace: string, workload: string): readonly Scrape[] {
  const annotations = valueAt(template, 'metadata', 'annotations');
  if (String(own(annotations, 'prometheus.io/scrape')) !== 'true') return [];
  const port = Number(own(annotations, 'prometheus.io/port'));
  return [
    {
      by: 'annotation prometheus.io/scrape',
      namespaces: [namespace],
      selector: undefined,
      workload,
      of: 'pods',
      ports: Number.isInteger(port) ? [{ port, isTarget: true }] : [],
    },
  ];
}

function containersOf(template: unknown): readonly unknown[] {
  return [...listAt(template, 'spec', 'containers'), ...listAt(template, 'spec', 'initContainers')];
}

function mentionsIn(
  template: unknown,
  namespace: string,
  workload: string,
): readonly (Mention & { readonly configMap?: string; readonly key?: string })[] {
  const base = { workload, namespace };
  const ofContainers = containersOf(template).flatMap((container) => [
    ...listAt(container, 'env').flatMap((entry) => {
      const by = `env ${textAt(entry, 'name') ?? ''}`;
      const reference = valueAt(entry, 'valueFrom', 'configMapKeyRef');
      const [configMap, key] = [textAt(reference, 'name'), textAt(reference, 'key')];
      if (configMap !== undefined && key !== undefined) return [{ ...base, by, text: '', configMap, key }];
      const text = textAt(entry, 'value');
      return text === undefined ? [] : [{ ...base, by, text }];
    }),
    ...listAt(container, 'envFrom').flatMap((entry) => {
      const configMap = textAt(entry, 'configMapRef', 'name');
      return configMap === undefined ? [] : [{ ...base, by: `ConfigMap ${configMap}`, text: '', configMap }];
    }),
    ...['command', 'args'].flatMap((field) =>
      listAt(container, field).flatMap((text) => (typeof text === 'string' ? [{ ...base, by: field, text }] : [])),
    ),
  ]);
  const ofVolumes = listAt(template, 'spec', 'volumes').flatMap((volume) => {
    const configMap = textAt(volume, 'configMap', 'name');
    return configMap === undefined ? [] : [{ ...base, by: `ConfigMap ${configMap}`, text: '', configMap }];
  });
  return [...ofContainers, ...ofVolumes];
}

function probesIn(template: unknown, workload: string): readonly Probe[] {
  return listAt(template, 'spec', 'containers').flatMap((container) =>
    ['livenessProbe', 'readinessProbe', 'startupProbe'].flatMap((field) => {
      const probe = own(container, field);
      const port = ['httpGet', 'tcpSocket', 'grpc'].map((how) => valueAt(probe, how, 'port')).find(isPortText);
      return isObject(probe) && port !== undefined ? [{ workload, port }] : [];
    }),
  );
}

function isPortText(value: unknown): value is string | number {
  return typeof value === 'number' || (typeof value === 'string' && value !== '');
}
