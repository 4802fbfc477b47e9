import { isObject, listAt, own, valueAt } from '../kubernetes/raw-object.ts';
import { Reader } from '../network/reader.ts';
import type { Selector } from '../network/selector.ts';

/** What Prometheus scrapes: a PodMonitor, a ServiceMonitor, or the annotations of a template. */
export interface Scrape {
  readonly by: string;
  /** The namespaces; undefined means all. */
  readonly namespaces: readonly string[] | undefined;
  /** It selects Pods or Services, or it is one workload: `namespace/kind/name`. */
  readonly target: { readonly selector: Selector } | { readonly workload: string };
  readonly of: 'pods' | 'services';
  /** Names or numbers of ports of the Pods or of the Service; empty means every declared port. */
  readonly ports: readonly { readonly port: string | number; readonly isTarget: boolean }[];
}

/** An object that declares scrapes and is not read. */
export interface UnreadScrape {
  /** `PodMonitor shop/api`. */
  readonly by: string;
  /** Whether it should have been read: its selector is not valid. */
  readonly isInvalid: boolean;
}

/** The API group of prometheus-operator. */
export const monitorGroup = 'monitoring.coreos.com';

/**
 * Reads a monitoring.coreos.com/v1 PodMonitor or ServiceMonitor (prometheus-operator, API
 * reference). Returns undefined for a kind that declares no scrape. A Probe or a ScrapeConfig may
 * scrape anything, also outside the cluster, and is not read.
 */
export function readMonitor(
  object: unknown,
  kind: string,
  namespace: string,
  name: string,
): Scrape | UnreadScrape | undefined {
  const by = `${kind} ${namespace}/${name}`;
  if (kind === 'Probe' || kind === 'ScrapeConfig') return { by, isInvalid: false };
  const of = kind === 'PodMonitor' ? 'pods' : kind === 'ServiceMonitor' ? 'services' : undefined;
  if (of === undefined) return undefined;
  const spec = own(object, 'spec');
  const selector = readSelector(own(spec, 'selector') ?? {});
  if (selector === undefined) return { by, isInvalid: true };
  const named = listAt(spec, 'namespaceSelector', 'matchNames').map(String);
  const isAny = valueAt(spec, 'namespaceSelector', 'any') === true;
  const ports = listAt(spec, of === 'pods' ? 'podMetricsEndpoints' : 'endpoints').flatMap((endpoint) => {
    const target = own(endpoint, 'targetPort') ?? own(endpoint, 'portNumber');
    const port = own(endpoint, 'port') ?? target;
    if (typeof port !== 'string' && typeof port !== 'number') return [];
    return [{ port, isTarget: of === 'pods' || own(endpoint, 'port') === undefined }];
  });
  return {
    by,
    namespaces: isAny ? undefined : named.length > 0 ? named : [namespace],
    target: { selector },
    of,
    ports,
  };
}

/** The annotations that the usual scrape configurations of Prometheus read. */
export function annotatedIn(template: unknown, namespace: string, workload: string): readonly Scrape[] {
  const annotations = valueAt(template, 'metadata', 'annotations');
  if (String(own(annotations, 'prometheus.io/scrape')) !== 'true') return [];
  const port = Number(own(annotations, 'prometheus.io/port'));
  return [
    {
      by: 'annotation prometheus.io/scrape',
      namespaces: [namespace],
      target: { workload },
      of: 'pods',
      ports: Number.isInteger(port) ? [{ port, isTarget: true }] : [],
    },
  ];
}

function readSelector(raw: unknown): Selector | undefined {
  if (!isObject(raw)) return undefined;
  const reader = new Reader();
  const selector = reader.selector(raw, 'selector');
  return reader.problems.length > 0 ? undefined : selector;
}
