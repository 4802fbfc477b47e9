import type { Audit } from '../audit/audit.ts';
import { changedReport } from '../audit/changed-report.ts';
import { emptyReport, type PublishedReport, type ReportApi, reportsOf } from '../audit/policy-report.ts';
import { ApiError } from '../cluster/api-error.ts';
import type { Cluster } from '../cluster/connection.ts';
import { listAll } from '../cluster/list.ts';
import { resourcePath } from '../cluster/resource-path.ts';
import { reportKinds, reportLabels, reportName } from '../kubernetes/report-kinds.ts';

/** What became of the reports. */
export interface Published {
  readonly written: number;
  readonly unchanged: number;
  /** A line for each report that could not be written. */
  readonly failures: readonly string[];
  /** Findings on objects without a namespace that are in no report; and why, in a clause. */
  readonly unreported: { readonly count: number; readonly because: string };
}

/**
 * Writes the reports of an audit where they differ from those that are there, by server-side apply
 * as field manager "ringfence-audit". RBAC must allow `list`, `create` and `patch` on the resource.
 * `now` is in milliseconds since 1970. Throws an Error for a person if the API server does not
 * serve the kind, or the reports may not be listed.
 */
export async function publishReports(
  cluster: Pick<Cluster, 'request'>,
  audit: Audit,
  api: ReportApi,
  now: number,
): Promise<Published> {
  const clustered = reportKinds[api].clustered.resource;
  const ofCluster = await listOf(cluster, api, clustered);
  const stored = new Map([...(await listReports(cluster, api)), ...(ofCluster ?? [])]);
  const desired = new Map(reportsOf(audit, api, stored).map((report) => [report.metadata.namespace ?? '', report]));
  // The CRDs of both kinds of report are installed apart.
  if (ofCluster === undefined) desired.delete('');
  const count = ofCluster === undefined ? audit.findings.filter(({ namespace }) => namespace === '').length : 0;
  for (const namespace of stored.keys())
    if (!desired.has(namespace)) desired.set(namespace, emptyReport(namespace, api));
  let written = 0;
  const failures: string[] = [];
  for (const [namespace, report] of desired) {
    const changed = changedReport(report, stored.get(namespace), now);
    if (changed === undefined) continue;
    try {
      await write(cluster, changed, api);
      written += 1;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // A namespace that ends takes no new objects, and needs no report.
      if (error.code !== 404 && !isEnding(error))
        failures.push(`${namespace === '' ? 'the cluster' : `namespace ${namespace}`}: ${error.message}`);
    }
  }
  const because = `the API server does not serve ${clustered}.${reportKinds[api].group}`;
  return {
    written,
    unchanged: desired.size - written - failures.length,
    failures,
    unreported: { count, because },
  };
}

/** kube-apiserver, NamespaceLifecycle: the cause of its refusal is NamespaceTerminating. */
function isEnding({ code, statusMessage }: ApiError): boolean {
  return code === 403 && statusMessage.includes('because it is being terminated');
}

/** The reports that are there, by namespace; that of the cluster has none. */
async function listReports(
  cluster: Pick<Cluster, 'request'>,
  api: ReportApi,
): Promise<ReadonlyMap<string, PublishedReport>> {
  const { namespaced } = reportKinds[api];
  const stored = await listOf(cluster, api, namespaced.resource);
  if (stored === undefined)
    throw new Error(
      `the API server does not serve ${namespaced.resource}.${reportKinds[api].group}: install its CRD, or set "reports" in the configuration to another API`,
    );
  return stored;
}

/** Undefined if the API server does not serve the resource. */
async function listOf(
  cluster: Pick<Cluster, 'request'>,
  api: ReportApi,
  resource: string,
): Promise<Map<string, PublishedReport> | undefined> {
  const { group, version } = reportKinds[api];
  const stored = new Map<string, PublishedReport>();
  const [[key, value] = []] = Object.entries(reportLabels);
  try {
    await listAll(
      cluster,
      `/apis/${group}/${version}/${resource}`,
      { query: { labelSelector: `${key}=${value}` } },
      (raw) => {
        if (raw.metadata.name === reportName)
          stored.set(raw.metadata.namespace ?? '', raw as unknown as PublishedReport);
      },
    );
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.code === 404) return undefined;
    if (error.code === 403) throw new Error(`you may not list ${resource}.${group} (${error.message})`);
    throw error;
  }
  return stored;
}

async function write(cluster: Pick<Cluster, 'request'>, report: PublishedReport, api: ReportApi): Promise<void> {
  const { group, version, namespaced, clustered } = reportKinds[api];
  const { namespace, name = '' } = report.metadata;
  const place =
    namespace === undefined ? { resource: clustered.resource } : { resource: namespaced.resource, namespace };
  await cluster.request('PATCH', resourcePath({ api: `/apis/${group}/${version}`, ...place, name }), {
    // JSON is valid YAML. The API server accepts apply patches only with this type.
    contentType: 'application/apply-patch+yaml',
    query: { fieldManager: 'ringfence-audit', force: true },
    body: report,
    repeatable: true,
    timeoutMs: writeTimeoutMs,
  });
}

/** Half of the API server's own limit: a report is at most some hundred kilobytes. */
const writeTimeoutMs = 30_000;
