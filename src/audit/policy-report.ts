import type { ReportsApi } from '../config/config.ts';
import type { Labels } from '../kubernetes/labels.ts';
import type { ObjectMeta } from '../kubernetes/object-meta.ts';
import { textAt } from '../kubernetes/raw-object.ts';
import { reportKinds, reportLabels, reportName } from '../kubernetes/report-kinds.ts';
import { categories, type Gravity, gravityOf } from '../report/categories.ts';
import type { Severity } from '../report/report.ts';
import type { Audit } from './audit.ts';
import { severities } from './causes.ts';
import type { UnreadKind } from './collection.ts';
import type { AuditFinding } from './finding.ts';
import { isUnread, overlookedIn } from './overlooked.ts';

/** The API in which reports are published (`reports` in the configuration). */
export type ReportApi = Exclude<ReportsApi, 'off'>;

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
 * namespace, Namespaces too; worst results first. The results of `stored` reports, by namespace, on
 * objects of kinds that could not be read stay. What was not read is the first result of the report
 * without a namespace.
 */
export function reportsOf(
  audit: Audit,
  api: ReportApi,
  stored: ReadonlyMap<string, PublishedReport> = new Map(),
): readonly PublishedReport[] {
  const { namespaces, findings, judgement, collection } = audit;
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
    const overlooked = home === '' ? overlookedResults(overlookedIn(audit), uids) : [];
    const kept = (stored.get(home)?.results ?? []).flatMap((one) => keptResult(one, collection.unread));
    for (const { result } of [...overlooked, ...kept]) summary[result] += 1;
    const described = own.slice(0, mostResults).map((finding) => describe(finding, identities, uids));
    // The order of findings tells apart what a result no longer does.
    const both = kept.length === 0 ? described : [...described, ...kept].toSorted(worstResultFirst);
    const all = [...overlooked, ...both];
    return {
      ...emptyReport(home, api),
      summary,
      results: listResults(all, all.length + own.length - described.length),
    };
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

/** The first results of `all`, of which there are `count` with those that are not described. */
function listResults(all: readonly ReportResult[], count: number): readonly ReportResult[] {
  const listed = all.slice(0, mostResults);
  const omitted = count - listed.length;
  const last = listed.at(-1);
  if (omitted === 0 || last === undefined) return listed;
  // A report has no properties of its own.
  return [...listed.slice(0, -1), { ...last, properties: { ...last.properties, omitted: String(omitted) } }];
}

/** Says what an audit did not read. Without it, fewer results would look like better ones. */
function overlookedResults(
  sentences: readonly string[],
  uids: ReadonlyMap<string, string | undefined>,
): readonly ReportResult[] {
  if (sentences.length === 0) return [];
  // This Namespace is in every cluster, and stands for it.
  const [name, uid] = ['kube-system', uids.get('kube-system')];
  return [
    {
      source,
      policy: 'unread',
      rule: 'unread',
      category: 'Identity',
      result: 'skip',
      severity: 'low',
      message: sentences.join('; '),
      scored: true,
      resources: uid === undefined ? [] : [{ apiVersion: 'v1', kind: 'Namespace', name, uid }],
      properties: {},
    },
  ];
}

/** A stored result, if it is on an object of a kind that could not be read. */
function keptResult(result: ReportResult, unread: readonly UnreadKind[]): readonly ReportResult[] {
  if (!result.resources.some((one) => isUnread(one, unread))) return [];
  const { omitted: _, ...properties } = result.properties;
  return [{ ...result, properties }];
}

/** As {@link worstFirst}, so that the same results are listed as when everything was read. */
function worstResultFirst(a: ReportResult, b: ReportResult): number {
  return (
    ranks[a.result] - ranks[b.result] ||
    compare(titleOf(a), titleOf(b)) ||
    compare(a.policy, b.policy) ||
    compare(a.rule, b.rule)
  );
}

function titleOf({ resources: [object] }: ReportResult): string {
  return `${textAt(object, 'kind')}/${textAt(object, 'name')}`;
}

const ranks: Readonly<Record<Result, number>> = { error: 0, fail: 0, warn: 1, skip: 2, pass: 3 };

function describe(
  finding: AuditFinding,
  identities: ReadonlyMap<string, Labels>,
  uids: ReadonlyMap<string, string | undefined>,
): ReportResult {
  const { check, field, message, apiVersion, kind, namespace, name, uid, found, fix } = finding;
  const home = kind === 'Namespace' ? name : namespace;
  // What does not exist has no uid. Its namespace stands for it.
  const itself = { apiVersion: 'v1', kind: 'Namespace', name: home, uid: uids.get(home) };
  const identity = identities.get(home) ?? new Map<string, string>();
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
