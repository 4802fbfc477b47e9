import { portSpans } from '../network/port-set.ts';
import type { Desk } from './desk.ts';
import { allGroups, groupNames } from './group.ts';
import { createLegend, formatTable, type Legend } from './table.ts';

/** More columns than this do not fit in a terminal. */
const columnLimit = 12;

/**
 * The matrix as a grid, in which rows call columns. Undefined if the world has too many classes.
 */
export function formatGrid(desk: Desk, legend: Legend = createLegend()): string | undefined {
  const groups = allGroups(desk);
  if (groups.length > columnLimit || groups.length === 0) return undefined;
  const matrix = desk.matrix();
  const rows = groups.map((from, index) => [
    `${index + 1}`,
    legend.cell(groupNames(from, desk)),
    ...groups.map((to) => (from === to && from.pods.length === 1 ? '' : cell(matrix.between(from.one, to.one)))),
  ]);
  return formatTable([['', 'FROM \\ TO', ...groups.map((_, index) => `${index + 1}`)], ...rows]);
}

/**
 * `-` means denied. Other cells show `all`, one port (TCP unless stated), or the number of ranges,
 * which the list below the grid shows. `?` means undefined.
 */
function cell({ allowed, undecided }: ReturnType<ReturnType<Desk['matrix']>['between']>): string {
  const doubt = undecided.length > 0 ? '?' : '';
  const spans = portSpans(allowed);
  if (spans.length === 0) return doubt === '' ? '-' : doubt;
  if (spans.length === 3 && spans.every(({ first, last }) => first === 1 && last === 65_535)) return 'all';
  const [only] = spans;
  if (only === undefined || spans.length > 1) return `${spans.length} ports${doubt}`;
  const range = only.first === only.last ? `${only.first}` : `${only.first}-${only.last}`;
  return `${range}${only.protocol === 'TCP' ? '' : `/${only.protocol}`}${doubt}`;
}
