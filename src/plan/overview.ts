import type { Labels } from '../kubernetes/labels.ts';
import { formatTable } from '../reach/table.ts';
import type { Plan } from './plan.ts';

/** What a fence would do to one namespace, in numbers. */
export interface OverviewRow {
  readonly namespace: string;
  /** Whether it is fenced already. */
  readonly fenced: boolean;
  /** The labels without which `ringfence fence` refuses it. */
  readonly missing: readonly string[];
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

/** A namespace that has no plan, and why: a predicate such as `is exempt: ...`. */
export interface Unplanned {
  readonly namespace: string;
  readonly reason: string;
}

/** The namespaces of a cluster, and the order in which they can be fenced. */
export interface Overview {
  /** Worst first: what a fence breaks even with the policies, then what it cuts. */
  readonly rows: readonly OverviewRow[];
  /** Easiest first. Those that are fenced already are not in it. */
  readonly order: readonly string[];
  readonly exempt: readonly Unplanned[];
}

/**
 * @param fenced the namespaces that are fenced already
 * @param labels those of each namespace
 * @param required the labels that a namespace needs to be fenced
 * @param exempt the namespaces that are never fenced
 */
export function overviewOf(
  plans: readonly Plan[],
  fenced: ReadonlySet<string>,
  labels: ReadonlyMap<string, Labels>,
  required: readonly string[],
  exempt: readonly Unplanned[],
): Overview {
  const rows = plans
    .map((plan) => {
      const own = labels.get(plan.namespace);
      const isFenced = fenced.has(plan.namespace);
      return rowOf(plan, isFenced, isFenced ? [] : required.filter((key) => own?.has(key) !== true));
    })
    .sort(worstFirst);
  const open = rows.filter((row) => !row.fenced);
  return { rows, order: open.map(({ namespace }) => namespace).reverse(), exempt };
}

function rowOf(
  { namespace, flows, unwritten, policies }: Plan,
  fenced: boolean,
  missing: readonly string[],
): OverviewRow {
  const count = (fate: string): number => flows.filter((flow) => flow.fate.fate === fate).length;
  return {
    namespace,
    fenced,
    missing,
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
export function formatOverview({ rows, order, exempt }: Overview): string {
  const table = formatTable([
    [
      ...['NAMESPACE', 'FENCE', 'FLOWS', 'CUT', 'NOT WRITTEN', 'FORBIDDEN', 'NOT DECIDED', 'DENIED ALREADY', 'KEPT'],
      'POLICIES',
    ],
    ...rows.map((row) => [
      row.namespace,
      row.fenced ? 'fenced' : '-',
      ...[row.flows, row.cut, row.lost, row.forbidden, row.undecided, row.deniedAlready, row.kept, row.policies].map(
        String,
      ),
    ]),
  ]);
  const fenced = rows.filter((row) => row.fenced).map(({ namespace }) => namespace);
  const missing = new Map(rows.map((row) => [row.namespace, row.missing]));
  const list = order.map((name, index) => {
    const labels = missing.get(name) ?? [];
    return `  ${index + 1}. ${name}${labels.length === 0 ? '' : `, when it has ${labels.join(', ')}`}`;
  });
  const reasons = Map.groupBy(exempt, ({ reason }) => reason);
  return [
    table,
    order.length === 0
      ? 'No namespace is left to fence.'
      : `An order in which they can be fenced, the one with the least to lose first; ringfence fence refuses a namespace that lacks its labels:\n${list.join('\n')}`,
    ...(fenced.length === 0 ? [] : [`Fenced already: ${fenced.join(', ')}`]),
    ...[...reasons].map(([reason, own]) => `No plan: ${own.map(({ namespace }) => namespace).join(', ')}: ${reason}`),
    '',
  ].join('\n');
}
