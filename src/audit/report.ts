import type { Line } from '../doctor/line.ts';
import { countOf } from '../wording/number.ts';
import { type Audit, totalsOf } from './audit.ts';

/** The input of every format of an audit. */
export interface AuditReport extends Audit {
  /** The doctor's lines about the live cluster; undefined for files. */
  readonly doctor: readonly Line[] | undefined;
  /** How many requests to the API server it took; undefined for files. */
  readonly requests: number | undefined;
  /** When it was made, RFC 3339. */
  readonly at: string;
  /** Whether warnings, and what was not decided or not read, fail the run too. */
  readonly strict: boolean;
}

/**
 * 1 if enforce would refuse something, a fence is broken or the doctor has a finding; with `strict`
 * also for warnings, for what is not decided and for what was not read. Else 0.
 */
export function exitCodeOf(report: AuditReport): 0 | 1 {
  const { error, warning, undecided } = totalsOf(report);
  const lines = report.doctor ?? [];
  if (error > 0 || lines.some(({ status }) => status === 'finding')) return 1;
  if (!report.strict) return 0;
  const isDoubtful =
    warning > 0 ||
    undecided > 0 ||
    report.apiServerCalls.some(({ fate }) => fate === 'undecided') ||
    report.notes.some(({ overlooked }) => overlooked) ||
    report.judgement.unread.size > 0 ||
    lines.some(({ status }) => status === 'undecided');
  return isDoubtful ? 1 : 0;
}

/** `40 namespaces, 12 fenced; 3 findings, 2 warnings`: one line about everything. */
export function summarize(report: AuditReport): string {
  const { namespaces, doctor } = report;
  const totals = totalsOf(report);
  const fenced = namespaces.filter(({ fence }) => fence === 'fenced').length;
  const broken = namespaces.filter(({ fence }) => fence === 'broken').length;
  const pods = namespaces.reduce((sum, one) => sum + one.pods.all, 0);
  const findings = [
    totals.error === 0 ? '' : countOf(totals.error, 'finding'),
    totals.warning === 0 ? '' : countOf(totals.warning, 'warning'),
    totals.undecided === 0 ? '' : `${totals.undecided} not decided`,
    totals.recorded === 0 ? '' : `${totals.recorded} recorded`,
  ].filter((text) => text !== '');
  const said = doctor?.filter(({ status }) => status === 'finding').length ?? 0;
  return [
    `${namespaces.length === 0 ? 'no namespace' : countOf(namespaces.length, 'namespace')}, ${fenced} fenced${broken === 0 ? '' : `, ${broken} with a broken fence`}`,
    pods === 0 ? 'no Pod' : countOf(pods, 'Pod'),
    findings.length === 0 ? 'no finding' : findings.join(', '),
    ...(said === 0 ? [] : [`${countOf(said, 'finding')} of the doctor`]),
  ].join('; ');
}
