import type { Severity } from '../report/report.ts';
import type { AuditedNamespace } from './namespaces.ts';

/** The namespaces of one value of the label `team`. */
export interface AuditedTeam {
  /** Empty for the namespaces without the label. */
  readonly name: string;
  readonly namespaces: number;
  readonly fenced: number;
  readonly pods: number;
  readonly findings: Readonly<Record<Severity, number>>;
}

/** The teams of all namespaces that are not exempt, worst first. */
export function teamsOf(namespaces: readonly AuditedNamespace[]): readonly AuditedTeam[] {
  // Exempt namespaces belong to the cluster, and no team answers for them.
  const judged = namespaces.filter((one) => !one.isExempt);
  const teams = [...Map.groupBy(judged, ({ team }) => team)].map(([name, own]): AuditedTeam => {
    const sum = (of: (one: AuditedNamespace) => number): number => own.reduce((total, one) => total + of(one), 0);
    return {
      name,
      namespaces: own.length,
      fenced: own.filter(({ fence }) => fence === 'fenced').length,
      pods: sum(({ pods }) => pods.all),
      findings: {
        error: sum(({ findings }) => findings.error),
        warning: sum(({ findings }) => findings.warning),
        undecided: sum(({ findings }) => findings.undecided),
        recorded: sum(({ findings }) => findings.recorded),
      },
    };
  });
  return teams.sort((a, b) => compareCounts(a.findings, b.findings) || compare(a.name, b.name));
}

/** Orders counts of findings, worst first. */
export function compareCounts(a: Readonly<Record<Severity, number>>, b: Readonly<Record<Severity, number>>): number {
  return b.error - a.error || b.warning - a.warning || b.undecided - a.undecided || b.recorded - a.recorded;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
