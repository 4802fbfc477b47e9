import { formatTable } from '../reach/table.ts';
import type { Plan } from './plan.ts';

/** What a fence would do to one namespace, in numbers. */
export interface OverviewRow {
  readonly namespace: string;
  readonly flows: number;
  readonly cut: number;
  /** Of those that are cut: how many no policy keeps. */
  readonly lost: number;
  readonly forbidden: number;
  readonly undecided: number;
  readonly deniedAlready: number;
  readonly kept: number;
  readonly policies: number;
}

/** The namespaces of a cluster, and the order in which they can be fenced. */
export interface Overview {
  /** Worst first: what a fence breaks even with the policies, then what it cuts. */
  readonly rows: readonly OverviewRow[];
  /** Easiest first. */
  readonly order: readonly string[];
}

export function overviewOf(plans: readonly Plan[]): Overview {
  const rows = plans.map(rowOf).sort(worstFirst);
  return { rows, order: rows.map(({ namespace }) => namespace).reverse() };
}

function rowOf({ namespace, flows, unwritten, policies }: Plan): OverviewRow {
  const count = (fate: string): number => flows.filter((flow) => flow.fate.fate === fate).length;
  return {
    namespace,
    flows: flows.length,
    cut: count('cut'),
    lost: unwritten.size,
    forbidden: count('forbidden'),
    undecided: count('undecided'),
    deniedAlready: count('denied-already'),
    kept: count('kept'),
    policies: policies.length,
  };
}

function worstFirst(a: OverviewRow, b: OverviewRow): number {
  const broken = (row: OverviewRow): number => row.lost + row.forbidden;
  return (
    broken(b) - broken(a) ||
    b.undecided - a.undecided ||
    b.cut - a.cut ||
    (a.namespace < b.namespace ? 1 : a.namespace > b.namespace ? -1 : 0)
  );
}

/** The overview as text. */
export function formatOverview({ rows, order }: Overview): string {
  const table = formatTable([
    ['NAMESPACE', 'FLOWS', 'CUT', 'NOT WRITTEN', 'FORBIDDEN', 'NOT DECIDED', 'DENIED ALREADY', 'KEPT', 'POLICIES'],
    ...rows.map((row) => [
      row.namespace,
      ...[row.flows, row.cut, row.lost, row.forbidden, row.undecided, row.deniedAlready, row.kept, row.policies].map(
        String,
      ),
    ]),
  ]);
  const list = order.map((name, index) => `  ${index + 1}. ${name}`);
  return `${table}\nAn order in which they can be fenced, the one with the least to lose first:\n${list.join('\n')}\n`;
}
