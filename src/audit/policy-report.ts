import type { ReportsApi } from '../config/config.ts';
import type { Labels } from '../kubernetes/labels.ts';
import type { ObjectMeta } from '../kubernetes/object-meta.ts';
import { textAt } from '../kubernetes/raw-object.ts';
import { categories, type Gravity, gravityOf } from '../report/categories.ts';
import type { Severity } from '../report/report.ts';
import type { Audit } from './audit.ts';
import { severities } from './causes.ts';
import type { AuditFinding } from './finding.ts';

/** The API in which reports are published (`reports` in the configuration). */
export type ReportApi = Exclude<ReportsApi, 'off'>;

/** Where reports of each API are served: those in namespaces, and those of the cluster. */
export const reportKinds = {
  openreports: {
    group: 'openreports.io',
    version: 'v1alpha1',
    namespaced: { kind: 'Report', resource: 'reports' },
    clustered: { kind: 'ClusterReport', resource: 'clusterreports' },
  },
  policyreport: {
    group: 'wgpolicyk8s.io',
    version: 'v1alpha2',
    namespaced: { kind: 'PolicyReport', resource: 'policyreports' },
    clustered: { kind: 'ClusterPolicyReport', resource: 'clusterpolicyreports' },
  },
} as const satisfies Readonly<Record<ReportApi, object>>;

/** One report in each namespace has this name, and one of the cluster. */
export const reportName = 'ringfence-audit';

/** The recommended label that tells Ringfence's reports from those of others. */
export const reportLabels = { 'app.kubernetes.io/managed-by': 'ringfence' } as const;

/**
 * wgpolicyk8s.io/v1alpha2 PolicyReport, openreports.io/v1alpha1 Report, or that of the cluster,
 * which alone has no namespace.
 */
export interface PublishedReport {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  /** Reports of OpenReports say here who made them. Those of PolicyReport say it in each result. */
  readonly source?: string;
  readonly summary: Readonly<Record<Result, number>>;
  readonly results: readonly ReportResult[];
}

type Result = 'pass' | 'fail' | 'warn' | 'error' | 'skip';

/** One of the results. `timestamp` is meta/v1 Timestamp, and `properties` have texts only. */
export interface ReportResult {
  readonly source: string;
  readonly policy: string;
  readonly rule: string;
  readonly category: string;
  readonly result: Result;
  readonly severity: Gravity;
  readonly message: string;
  readonly scored: true;
  readonly resources: readonly object[];
  readonly properties: Readonly<Record<string, string>>;
  readonly timestamp?: { readonly seconds: number; readonly nanos: number };
}

/**
 * More results of a report are only counted. Reports of every finding have filled etcd with
 * gigabytes elsewhere (kyverno/kyverno#8974).
 */
const mostResults = 100;

/**
 * The reports of an audit: one for each namespace that is judged, and one for the objects without a
 * namespace, Namespaces too; worst results first.
 */
export function reportsOf({ namespaces, findings, judgement }: Audit, api: ReportApi): readonly PublishedReport[] {
  const byNamespace = Map.groupBy(findings, ({ namespace }) => namespace);
  const clean = Map.groupBy(
    judgement.objects.filter((object) => !object.exempt && object.findings.length === 0),
    ({ subject }) => subject.namespace ?? '',
  );
  const identities = new Map(namespaces.map(({ name, identity }) => [name, identity]));
  const uids = new Map(
    judgement.objects.flatMap(({ subject, document }) =>
      subject.kind === 'Namespace' ? [[subject.name, textAt(document.object, 'metadata', 'uid')]] : [],
    ),
  );
  const judged = namespaces.filter(({ isExempt }) => !isExempt).map(({ name }) => name);
  return [...judged, ''].map((home): PublishedReport => {
    const own = (byNamespace.get(home) ?? []).toSorted(worstFirst);
    const summary = { pass: clean.get(home)?.length ?? 0, fail: 0, warn: 0, error: 0, skip: 0 };
    for (const finding of own) summary[resultOf(finding)] += 1;
    return { ...emptyReport(home, api), summary, results: listResults(own, identities, uids) };
  });
}

/**
 * A report without a result, as that of a namespace that is no longer judged. Without a namespace,
 * it is that of the cluster.
 */
export function emptyReport(namespace: string, api: ReportApi): PublishedReport {
  const { group, version, namespaced, clustered } = reportKinds[api];
  return {
    apiVersion: `${group}/${version}`,
    kind: namespace === '' ? clustered.kind : namespaced.kind,
    metadata: { name: reportName, ...(namespace === '' ? {} : { namespace }), labels: reportLabels },
    ...(api === 'openreports' ? { source } : {}),
    summary: { pass: 0, fail: 0, warn: 0, error: 0, skip: 0 },
    results: [],
  };
}

const source = 'ringfence';

function worstFirst(a: AuditFinding, b: AuditFinding): number {
  return (
    severities.indexOf(b.severity) - severities.indexOf(a.severity) ||
    compare(`${a.kind}/${a.name}`, `${b.kind}/${b.name}`) ||
    compare(a.check, b.check) ||
    compare(a.field, b.field)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function listResults(
  findings: readonly AuditFinding[],
  identities: ReadonlyMap<string, Labels>,
  uids: ReadonlyMap<string, string | undefined>,
): readonly ReportResult[] {
  const listed = findings.slice(0, mostResults).map((finding) => {
    const { kind, namespace, name } = finding;
    const home = kind === 'Namespace' ? name : namespace;
    // What does not exist has no uid. Its namespace stands for it.
    const itself = { apiVersion: 'v1', kind: 'Namespace', name: home, uid: uids.get(home) };
    return describe(finding, identities.get(home) ?? new Map(), itself);
  });
  const omitted = findings.length - listed.length;
  const last = listed.at(-1);
  if (omitted === 0 || last === undefined) return listed;
  // A report has no properties of its own.
  return [...listed.slice(0, -1), { ...last, properties: { ...last.properties, omitted: String(omitted) } }];
}

function describe(finding: AuditFinding, identity: Labels, itself: object): ReportResult {
  const { check, field, message, apiVersion, kind, namespace, name, uid, found, fix } = finding;
  const labels = ['team', 'env', 'tier'].flatMap((key) => {
    const value = identity.get(key);
    return value === undefined ? [] : [[key, value] as const];
  });
  return {
    source,
    policy: check,
    rule: field,
    category: categories[check] ?? 'Identity',
    result: resultOf(finding),
    severity: gravityOf(check, finding.severity),
    message: uid === '' ? `${kind} ${name}: ${message}` : message,
    scored: true,
    resources: [uid === '' ? itself : { apiVersion, kind, name, uid, ...(namespace === '' ? {} : { namespace }) }],
    properties: {
      ...Object.fromEntries(labels),
      field,
      ...(found === undefined ? {} : { found }),
      ...(fix === undefined ? {} : { fix: `${fix.key}: ${JSON.stringify(fix.value)}` }),
    },
  };
}

/** What is not decided is never a pass. What an exception waives is skipped. */
const results: Readonly<Record<Severity, Result>> = {
  error: 'fail',
  warning: 'warn',
  undecided: 'skip',
  recorded: 'skip',
};

function resultOf({ check, severity }: AuditFinding): Result {
  return check === 'readable' && severity === 'error' ? 'error' : results[severity];
}

/**
 * The report to write, if it differs from the one that is there; undefined if they say the same.
 * Results that were there keep the time at which they were first published. `now` is in
 * milliseconds since 1970.
 */
export function changedReport(
  desired: PublishedReport,
  stored: PublishedReport | undefined,
  now: number,
): PublishedReport | undefined {
  const before = new Map((stored?.results ?? []).map((one) => [keyOf(one), one.timestamp]));
  const isSame =
    stored !== undefined &&
    stored.metadata.labels?.['app.kubernetes.io/managed-by'] === reportLabels['app.kubernetes.io/managed-by'] &&
    JSON.stringify(countsOf(stored)) === JSON.stringify(countsOf(desired)) &&
    desired.results.length === stored.results.length &&
    desired.results.every((one) => before.has(keyOf(one)));
  if (isSame) return undefined;
  const first = { seconds: Math.floor(now / 1000), nanos: 0 };
  return {
    ...desired,
    results: desired.results.map((one) => ({ ...one, timestamp: before.get(keyOf(one)) ?? first })),
  };
}

/** The API server may leave out a count of 0. */
function countsOf({ summary }: PublishedReport): readonly number[] {
  return (['pass', 'fail', 'warn', 'error', 'skip'] as const).map((result) => summary[result] ?? 0);
}

/** Everything that a result says, but its time, in a stable order. */
function keyOf({ timestamp: _, ...result }: ReportResult): string {
  return JSON.stringify(result, sortKeys);
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => compare(a, b)));
}
