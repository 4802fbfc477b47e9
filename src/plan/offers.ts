import { type Labels, readLabels } from '../kubernetes/labels.ts';
import type { OtherWorkload } from '../kubernetes/other-workloads.ts';
import { podTemplatesOf, typeOf } from '../kubernetes/pod-templates.ts';
import { isObject, listAt, own, recordOf, textAt, valueAt } from '../kubernetes/raw-object.ts';
import { dialects } from '../network/tiered-dialect.ts';
import { ownerKind } from '../network/workload.ts';
import { annotatedIn, monitorGroup, readMonitor, type Scrape, type UnreadScrape } from './scrapes.ts';
import { byText } from './text-order.ts';

/** What the API server calls in the cluster. */
export interface Call {
  /** `ValidatingWebhookConfiguration policies`. */
  readonly by: string;
  readonly namespace: string;
  readonly service: string;
  /** The port of the Service. */
  readonly port: number;
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
  readonly unreadScrapes: readonly UnreadScrape[];
  readonly mentions: readonly Mention[];
  readonly probes: readonly Probe[];
  /** ConfigMaps that workloads must have, and that are not here: `namespace/name`. */
  readonly absentConfigMaps: readonly string[];
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
  const unreadScrapes: UnreadScrape[] = [];
  const mentions: Reference[] = [];
  const probes: Probe[] = [];
  const created = new Map<string, string>();
  const policies: unknown[] = [];
  const serviceLabels = new Map<string, Labels>();
  const nodes: Offers['nodes'][number][] = [];
  const configMaps = new Map<string, Readonly<Record<string, unknown>>>();

  function takeMonitor(monitor: ReturnType<typeof readMonitor>): void {
    if (monitor === undefined) return;
    if ('isInvalid' in monitor) unreadScrapes.push(monitor);
    else scrapes.push(monitor);
  }

  return {
    add(object, namespace) {
      const { group, kind } = typeOf(object);
      const name = textAt(object, 'metadata', 'name') ?? '';
      if (group === '' && kind === 'ConfigMap') configMaps.set(`${namespace}/${name}`, recordOf(own(object, 'data')));
      else if (group === '' && kind === 'Service') serviceLabels.set(`${namespace}/${name}`, readLabels(object).labels);
      else if (group === '' && kind === 'Node') nodes.push(readNode(object));
      else if (group === monitorGroup) takeMonitor(readMonitor(object, kind, namespace, name));
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
      const resolved = mentions.flatMap(({ configMap, key, isOptional: _, ...mention }): readonly Mention[] => {
        if (configMap === undefined) return [mention];
        const data = configMaps.get(`${mention.namespace}/${configMap}`) ?? {};
        const entries = key === undefined ? Object.entries(data) : [[key, own(data, key)] as const];
        return entries.flatMap(([name, text]) =>
          typeof text === 'string' ? [{ ...mention, by: `${mention.by}, ${name}`, text }] : [],
        );
      });
      const absent = mentions.flatMap(({ namespace, configMap, isOptional }) => {
        const name = `${namespace}/${configMap}`;
        return configMap === undefined || isOptional || configMaps.has(name) ? [] : [name];
      });
      const absentConfigMaps = [...new Set(absent)].sort(byText);
      const given = { calls, scrapes, unreadScrapes, probes, created, serviceLabels, policies, nodes };
      return { ...given, mentions: resolved, absentConfigMaps };
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

function containersOf(template: unknown): readonly unknown[] {
  return [...listAt(template, 'spec', 'containers'), ...listAt(template, 'spec', 'initContainers')];
}

/** A text, or a ConfigMap that holds some; `isOptional` if the Pod starts without it. */
type Reference = Mention & { readonly configMap?: string; readonly key?: string; readonly isOptional?: boolean };

function mentionsIn(template: unknown, namespace: string, workload: string): readonly Reference[] {
  const base = { workload, namespace };
  const ofContainers = containersOf(template).flatMap((container) => [
    ...listAt(container, 'env').flatMap((entry) => {
      const by = `env ${textAt(entry, 'name') ?? ''}`;
      const reference = valueAt(entry, 'valueFrom', 'configMapKeyRef');
      const [configMap, key] = [textAt(reference, 'name'), textAt(reference, 'key')];
      if (configMap !== undefined && key !== undefined)
        return [{ ...base, by, text: '', configMap, key, isOptional: isOptional(reference) }];
      const text = textAt(entry, 'value');
      return text === undefined ? [] : [{ ...base, by, text }];
    }),
    ...listAt(container, 'envFrom').flatMap((entry) => {
      return referenceTo(own(entry, 'configMapRef'), base);
    }),
    ...['command', 'args'].flatMap((field) =>
      listAt(container, field).flatMap((text) => (typeof text === 'string' ? [{ ...base, by: field, text }] : [])),
    ),
  ]);
  const ofVolumes = listAt(template, 'spec', 'volumes').flatMap((volume) => {
    const projected = listAt(volume, 'projected', 'sources').map((source) => own(source, 'configMap'));
    const meant = projected.filter((source) => !authorities.includes(textAt(source, 'name') ?? ''));
    return [own(volume, 'configMap'), ...meant].flatMap((source) => referenceTo(source, base));
  });
  return [...ofContainers, ...ofVolumes];
}

/**
 * ConfigMaps that Kubernetes and OpenShift publish in each namespace, and mount into each Pod with
 * the token of its service account. They hold certificates.
 */
const authorities: readonly string[] = ['kube-root-ca.crt', 'openshift-service-ca.crt'];

/**
 * core/v1 ConfigMapEnvSource, ConfigMapVolumeSource and ConfigMapProjection: every key of a
 * ConfigMap.
 */
function referenceTo(source: unknown, base: Pick<Mention, 'workload' | 'namespace'>): readonly Reference[] {
  const configMap = textAt(source, 'name');
  if (configMap === undefined) return [];
  return [{ ...base, by: `ConfigMap ${configMap}`, text: '', configMap, isOptional: isOptional(source) }];
}

function isOptional(source: unknown): boolean {
  return own(source, 'optional') === true;
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
